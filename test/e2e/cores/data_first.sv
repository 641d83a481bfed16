// SPDX-License-Identifier: Apache-2.0
// A core that wants the write data before it takes the address, waits three cycles before each answer, and names its
// ports as lowRISC does. Four read-write registers, then an identification; DECERR beyond.
module data_first (
  input              clk_i,
  input              rst_ni,
  input       [7:0]  axi_awaddr_i,
  input       [2:0]  axi_awprot_i,
  input              axi_awvalid_i,
  output logic       axi_awready_o,
  input       [31:0] axi_wdata_i,
  input       [3:0]  axi_wstrb_i,
  input              axi_wvalid_i,
  output logic       axi_wready_o,
  output logic [1:0] axi_bresp_o,
  output logic       axi_bvalid_o,
  input              axi_bready_i,
  input       [7:0]  axi_araddr_i,
  input       [2:0]  axi_arprot_i,
  input              axi_arvalid_i,
  output logic       axi_arready_o,
  output logic [31:0] axi_rdata_o,
  output logic [1:0] axi_rresp_o,
  output logic       axi_rvalid_o,
  input              axi_rready_i
);
  logic [31:0] regs[4];
  logic [31:0] data;
  logic [3:0]  strobes;
  logic        has_data;
  logic [1:0]  write_delay, read_delay;
  logic [7:0]  read_address;

  assign axi_wready_o  = !has_data;
  assign axi_awready_o = has_data && write_delay == 0 && !axi_bvalid_o;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      has_data     <= 0;
      write_delay  <= 0;
      axi_bvalid_o <= 0;
      axi_bresp_o  <= 0;
      for (int i = 0; i < 4; i++) regs[i] <= 0;
    end else begin
      if (axi_wvalid_i && axi_wready_o) begin
        has_data    <= 1;
        data        <= axi_wdata_i;
        strobes     <= axi_wstrb_i;
        write_delay <= 3;
      end else if (write_delay != 0) write_delay <= write_delay - 1;
      if (axi_awvalid_i && axi_awready_o) begin
        has_data     <= 0;
        axi_bvalid_o <= 1;
        axi_bresp_o  <= axi_awaddr_i > 8'h10 ? 2'b11 : 2'b00;
        for (int i = 0; i < 4; i++)
          if (strobes[i] && axi_awaddr_i < 8'h10) regs[axi_awaddr_i[3:2]][8*i+:8] <= data[8*i+:8];
      end else if (axi_bready_i) axi_bvalid_o <= 0;
    end

  assign axi_arready_o = read_delay == 0 && !axi_rvalid_o;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      read_delay   <= 0;
      axi_rvalid_o <= 0;
      axi_rresp_o  <= 0;
    end else begin
      if (axi_arvalid_i && axi_arready_o) begin
        read_address <= axi_araddr_i;
        read_delay   <= 3;
      end else if (read_delay != 0) read_delay <= read_delay - 1;
      if (read_delay == 1) begin
        axi_rvalid_o <= 1;
        axi_rresp_o  <= read_address > 8'h13 ? 2'b11 : 2'b00;
        axi_rdata_o  <= read_address < 8'h10 ? regs[read_address[3:2]] : 32'hc0de0003;
      end else if (axi_rready_i) axi_rvalid_o <= 0;
    end

  wire unused = &{1'b0, axi_awprot_i, axi_arprot_i};
endmodule
