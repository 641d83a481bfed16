// SPDX-License-Identifier: Apache-2.0
//
// shared_regs: registers in Verilog that every simulator reads, with a way to each end that a simulation can come to.
//
//   offset  name     access
//   0x00    SCRATCH  read-write, with byte strobes
//   0x04    ID       read-only: the parameter ID; a write is answered with SLVERR
//   0x08    DELAY    read-write: a write of N > 0 raises irq_o N cycles later
//   0x0c    PENDING  read: irq_o in bit 0; a write of 1 lowers it
//   0x10    STUCK    is never answered
//   0x14    FINISH   a write ends the simulation by $finish
//   0x18…   hole     SLVERR

module shared_regs #(
  parameter ID = 32'h5452_4150
) (
  input  wire        clk,
  input  wire        rst_n,

  input  wire [11:0] s_axil_awaddr,
  input  wire [ 2:0] s_axil_awprot,
  input  wire        s_axil_awvalid,
  output wire        s_axil_awready,
  input  wire [31:0] s_axil_wdata,
  input  wire [ 3:0] s_axil_wstrb,
  input  wire        s_axil_wvalid,
  output wire        s_axil_wready,
  output reg  [ 1:0] s_axil_bresp,
  output reg         s_axil_bvalid,
  input  wire        s_axil_bready,
  input  wire [11:0] s_axil_araddr,
  input  wire [ 2:0] s_axil_arprot,
  input  wire        s_axil_arvalid,
  output wire        s_axil_arready,
  output reg  [31:0] s_axil_rdata,
  output reg  [ 1:0] s_axil_rresp,
  output reg         s_axil_rvalid,
  input  wire        s_axil_rready,

  output reg         irq
);

  reg [31:0] scratch, delay;

  wire [9:0] write_word = s_axil_awaddr[11:2];
  wire [9:0] read_word = s_axil_araddr[11:2];

  // A write is taken when address and data are there, a read when its address is; nothing else is under way then.
  wire write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid && write_word != 4;
  wire read = s_axil_arvalid && !s_axil_rvalid && read_word != 4;

  assign s_axil_awready = write;
  assign s_axil_wready = write;
  assign s_axil_arready = read;

  integer lane;

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      s_axil_bvalid <= 1'b0;
      s_axil_bresp <= 2'b00;
      s_axil_rvalid <= 1'b0;
      s_axil_rresp <= 2'b00;
      s_axil_rdata <= 32'h0;
      scratch <= 32'h0;
      delay <= 32'h0;
      irq <= 1'b0;
    end else begin
      if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_rready) s_axil_rvalid <= 1'b0;
      if (delay != 0) delay <= delay - 1;
      if (delay == 1) irq <= 1'b1;
      if (write) begin
        s_axil_bvalid <= 1'b1;
        s_axil_bresp <= write_word == 1 || write_word > 5 ? 2'b10 : 2'b00;
        case (write_word)
          0: for (lane = 0; lane < 4; lane = lane + 1) begin
            if (s_axil_wstrb[lane]) scratch[8*lane+:8] <= s_axil_wdata[8*lane+:8];
          end
          2: delay <= s_axil_wdata;
          3: if (s_axil_wdata[0]) irq <= 1'b0;
          5: $finish;
          default: ;
        endcase
      end
      if (read) begin
        s_axil_rvalid <= 1'b1;
        s_axil_rresp <= read_word > 5 ? 2'b10 : 2'b00;
        case (read_word)
          0: s_axil_rdata <= scratch;
          1: s_axil_rdata <= ID;
          2: s_axil_rdata <= delay;
          3: s_axil_rdata <= {31'h0, irq};
          default: s_axil_rdata <= 32'h0;
        endcase
      end
    end
  end
endmodule
