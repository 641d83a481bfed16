// SPDX-License-Identifier: Apache-2.0
// A testbench, which is no core.
module bank_tb;
endmodule
