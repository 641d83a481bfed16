// SPDX-License-Identifier: Apache-2.0
// A core as register generators write them: the bus on one side, on the other what the hardware gives and gets, in
// unpacked structs of a package. Four read-write registers, then an identification whose lower bits the hardware's side
// may set.
package register_block_pkg;
  typedef enum logic [1:0] {Idle = 2'd1, Busy = 2'd2} state_e;

  typedef struct packed {
    state_e     state;
    logic [1:0] lane;
  } flags_t;

  typedef struct {logic [31:0] next; logic we;} field_in_t;
  typedef struct {field_in_t id; flags_t flags;} in_t;
  typedef struct {logic [31:0] value;} field_out_t;
  typedef struct {field_out_t first; field_out_t second;} out_t;
endpackage

module register_block (
  input wire clk,
  input wire rst,

  output logic       s_axil_awready,
  input wire         s_axil_awvalid,
  input wire  [4:0]  s_axil_awaddr,
  input wire  [2:0]  s_axil_awprot,
  output logic       s_axil_wready,
  input wire         s_axil_wvalid,
  input wire  [31:0] s_axil_wdata,
  input wire  [3:0]  s_axil_wstrb,
  input wire         s_axil_bready,
  output logic       s_axil_bvalid,
  output logic [1:0] s_axil_bresp,
  output logic       s_axil_arready,
  input wire         s_axil_arvalid,
  input wire  [4:0]  s_axil_araddr,
  input wire  [2:0]  s_axil_arprot,
  input wire         s_axil_rready,
  output logic       s_axil_rvalid,
  output logic [31:0] s_axil_rdata,
  output logic [1:0] s_axil_rresp,

  input register_block_pkg::in_t    hwif_in,
  input register_block_pkg::field_in_t lanes_in[2],
  output register_block_pkg::out_t  hwif_out
);
  logic [31:0] regs[4];
  logic [31:0] id;

  assign s_axil_awready = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_wready  = s_axil_awready;
  assign s_axil_arready = !s_axil_rvalid;
  assign s_axil_bresp   = '0;
  assign s_axil_rresp   = '0;

  assign hwif_out.first.value  = regs[0];
  assign hwif_out.second.value = regs[1];

  always_ff @(posedge clk)
    if (rst) id <= 32'hc0de0006;
    else if (hwif_in.id.we || lanes_in[0].we || lanes_in[1].we) id <= hwif_in.id.next | lanes_in[1].next;
    else if (hwif_in.flags != '0) id <= {28'd0, hwif_in.flags};

  always_ff @(posedge clk)
    if (rst) s_axil_bvalid <= 1'b0;
    else begin
      if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_awready) begin
        s_axil_bvalid <= 1'b1;
        for (int i = 0; i < 4; i++)
          if (s_axil_wstrb[i] && !s_axil_awaddr[4]) regs[s_axil_awaddr[3:2]][8*i+:8] <= s_axil_wdata[8*i+:8];
      end
    end

  always_ff @(posedge clk)
    if (rst) s_axil_rvalid <= 1'b0;
    else begin
      if (s_axil_rready) s_axil_rvalid <= 1'b0;
      if (s_axil_arvalid && s_axil_arready) begin
        s_axil_rvalid <= 1'b1;
        s_axil_rdata  <= s_axil_araddr[4] ? id : regs[s_axil_araddr[3:2]];
      end
    end

  wire unused = &{1'b0, s_axil_awprot, s_axil_arprot};
endmodule
