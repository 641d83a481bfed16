`define OFFSET 32'h100
`ifndef MORE
`define MORE 1
`endif
`ifndef OPTION
`define OPTION 1
`endif
