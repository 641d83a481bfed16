module trapline_top;
  every_shape #(.DataWidth(64)) dut ();
endmodule
