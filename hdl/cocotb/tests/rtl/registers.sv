// SPDX-License-Identifier: Apache-2.0
//
// registers: a small AXI4-Lite device for tests of the cocotb package; in words that Icarus Verilog 11 knows.
//
//   offset  name     access
//   0x00    R0 to R3 read-write with byte strobes; 0 after reset
//   0x10    TIMER    write-only: interrupt irq rises after so many cycles
//   0x14    CLEAR    write-only: interrupt irq falls
//   0x18    STUCK    a read is never taken: ARREADY stays low
//   0x1c    FINISH   a write calls $finish
//   0x20…   hole     SLVERR
//
// A write is taken when address and data are there; both answers come one cycle later.

module registers (
  input  wire        clk,
  input  wire        rst_n,
  input  wire [11:0] awaddr,
  input  wire        awvalid,
  output wire        awready,
  input  wire [31:0] wdata,
  input  wire [ 3:0] wstrb,
  input  wire        wvalid,
  output wire        wready,
  output reg  [ 1:0] bresp,
  output reg         bvalid,
  input  wire        bready,
  input  wire [11:0] araddr,
  input  wire        arvalid,
  output wire        arready,
  output reg  [31:0] rdata,
  output reg  [ 1:0] rresp,
  output reg         rvalid,
  input  wire        rready,
  output reg         irq
);

  localparam [1:0] Okay = 2'b00;
  localparam [1:0] Slverr = 2'b10;

  reg [31:0] r0, r1, r2, r3, timer;

  wire write = awvalid && wvalid && !bvalid;
  wire read = arvalid && arready;
  wire [31:0] mask = {{8{wstrb[3]}}, {8{wstrb[2]}}, {8{wstrb[1]}}, {8{wstrb[0]}}};

  assign awready = write;
  assign wready  = write;
  assign arready = !rvalid && araddr[11:2] != 10'd6;

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {r0, r1, r2, r3, timer} <= 0;
      {bvalid, rvalid, irq} <= 0;
    end else begin
      if (bready) bvalid <= 0;
      if (rready) rvalid <= 0;
      if (timer != 0) timer <= timer - 1;
      if (timer == 1) irq <= 1;
      if (write) begin
        bvalid <= 1;
        bresp  <= Okay;
        case (awaddr[11:2])
          0: r0 <= (r0 & ~mask) | (wdata & mask);
          1: r1 <= (r1 & ~mask) | (wdata & mask);
          2: r2 <= (r2 & ~mask) | (wdata & mask);
          3: r3 <= (r3 & ~mask) | (wdata & mask);
          4: timer <= wdata;
          5: irq <= 0;
          7: $finish;
          default: bresp <= Slverr;
        endcase
      end
      if (read) begin
        rvalid <= 1;
        rresp  <= Okay;
        case (araddr[11:2])
          0: rdata <= r0;
          1: rdata <= r1;
          2: rdata <= r2;
          3: rdata <= r3;
          4, 5, 7: rdata <= 0;
          default: begin
            rdata <= 0;
            rresp <= Slverr;
          end
        endcase
      end
    end
  end

endmodule
