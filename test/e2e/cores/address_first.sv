// SPDX-License-Identifier: Apache-2.0
// A core that takes the write address first and only then is ready for the data; a state machine for each direction.
// No xPROT, no write strobes: it knows whole words only. Four read-write registers, then an identification.
module address_first (
  input  logic        aclk,
  input  logic        aresetn,
  input  logic [31:0] s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [1:0]  s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [31:0] s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0]  s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);
  typedef enum logic [1:0] {Address, Data, Response} phase_e;
  phase_e      phase;
  logic [31:0] regs[4], address;

  assign s_axil_awready = phase == Address;
  assign s_axil_wready  = phase == Data;
  assign s_axil_bvalid  = phase == Response;
  assign s_axil_bresp   = address < 32'h10 ? 2'b00 : 2'b10;

  always_ff @(posedge aclk or negedge aresetn)
    if (!aresetn) begin
      phase <= Address;
      regs  <= '{default: '0};
    end else
      case (phase)
        Address:
          if (s_axil_awvalid) begin
            address <= s_axil_awaddr;
            phase   <= Data;
          end
        Data:
          if (s_axil_wvalid) begin
            if (address < 32'h10) regs[address[3:2]] <= s_axil_wdata;
            phase <= Response;
          end
        default: if (s_axil_bready) phase <= Address;
      endcase

  assign s_axil_arready = !s_axil_rvalid;
  assign s_axil_rresp   = 2'b00;

  always_ff @(posedge aclk or negedge aresetn)
    if (!aresetn) s_axil_rvalid <= 1'b0;
    else if (s_axil_arvalid && s_axil_arready) begin
      s_axil_rvalid <= 1'b1;
      s_axil_rdata  <= s_axil_araddr < 32'h10 ? regs[s_axil_araddr[3:2]] : 32'hc0de_0002;
    end else if (s_axil_rready) s_axil_rvalid <= 1'b0;
endmodule
