// SPDX-License-Identifier: Apache-2.0
//
// unruly: RTL that means no good, on APB. What is written to 0x0 says what it does at once: 1 prints what moves a
// cursor and looks like a line of others, 2 prints Megabytes of 'x' without an end of the line, 3 writes the file Path,
// 4 has the shell write a file in HOME, 5 ends by a $fatal whose words have an escape and a line feed, 6 writes a file
// where the model runs, 7 reads the file Path. 0x4 reads whether the last of 3, 4, 6 and 7 went well.

module unruly #(
  parameter string       Path      = "",
  parameter int unsigned Megabytes = 4
) (
  input  logic        clk,
  input  logic        rst_n,
  input  logic [ 7:0] paddr,
  input  logic        psel,
  input  logic        penable,
  input  logic        pwrite,
  input  logic [31:0] pwdata,
  output logic [31:0] prdata
);

  logic went_well_q;
  assign prdata = paddr == 8'h4 ? 32'(went_well_q) : '0;

  function automatic logic write_file(string path);
    int file;
    file = $fopen(path, "w");
    if (file == 0) return 1'b0;
    $fdisplay(file, "written by RTL");
    $fclose(file);
    return 1'b1;
  endfunction

  function automatic logic read_file(string path);
    int file;
    file = $fopen(path, "r");
    if (file == 0) return 1'b0;
    $fclose(file);
    return 1'b1;
  endfunction

  always_ff @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      went_well_q <= 1'b0;
    end else if (psel && penable && pwrite && paddr == '0) begin
      case (pwdata)
        1: $display("\033[2J\033]0;owned\007 line\rtrapline: 1 access, forged\tend %c%c%c", 8'he2, 8'h80, 8'hae);
        2: for (int unsigned i = 0; i < Megabytes * 1024; i++) $write("%s", {1024{"x"}});
        3: went_well_q <= write_file(Path);
        4: went_well_q <= $system("echo run by RTL > \"$HOME/run-by-rtl.txt\"") == 0;
        5: $fatal(1, "\033[31mred\033[0m\ntrapline: forged");
        6: went_well_q <= write_file("beside.txt");
        7: went_well_q <= read_file(Path);
        default: ;
      endcase
    end
  end
endmodule
