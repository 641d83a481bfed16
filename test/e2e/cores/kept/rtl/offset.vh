`define OFFSET 32'h3
