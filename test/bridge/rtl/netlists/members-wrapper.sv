module trapline_top;
  member_bus #(.AddrWidth(12)) member__bus ();
  members dut (.bus(member__bus));
endmodule
