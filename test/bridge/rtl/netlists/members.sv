// Ports that are made of members. Beside it lies what each Verilator says about it, below members-wrapper.sv.
package member_types;
  typedef struct packed {logic [7:0] addr; logic [2:0] prot;} request_t;
  typedef struct packed {request_t aw; logic aw_valid; logic [1:0][3:0] lanes;} req_t;
endpackage
interface member_bus #(parameter int AddrWidth = 4);
  logic [AddrWidth-1:0] addr;
  logic valid, ready, unused;
  member_types::request_t request;
  modport device (input addr, valid, request, output ready);
endinterface
module members (
  input clk,
  member_bus.device bus,
  input member_types::req_t req_i,
  input member_types::req_t [1:0] both_i
);
  assign bus.ready = bus.valid;
endmodule
