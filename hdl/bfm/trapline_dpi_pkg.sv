// SPDX-License-Identifier: Apache-2.0
//
// The SystemVerilog half of the seam between the bus functional models (BFMs) and the mailbox; the C half is
// sim/dpi.cc. The words are bus-neutral: a beat is one transfer of at most one bus word, and what a bus calls
// its answer is translated by its BFM.
//
// The BFM pulls: it asks for the next beat at a clock edge and tells how the beat ended at a later one. No call
// consumes time, none is an export, so no call depends on a DPI scope.

package trapline_dpi_pkg;

  // Widest bus word that a beat carries, in bits. dpi.cc knows the same number.
  localparam int unsigned BeatBits = 64;

  typedef bit [BeatBits-1:0] beat_data_t;
  typedef bit [BeatBits/8-1:0] beat_strobe_t;

  // How a beat ended. The numbers are those of trapline.v1.Status.
  typedef enum int {
    BeatOkay   = 1,
    BeatSlverr = 2,
    BeatDecerr = 3
  } beat_status_e;

  // Registers a port at time 0 and tells its widths in bits. Returns the cycle budget of one handshake.
  import "DPI-C" function longint unsigned c_dpi_open_port(
    input int unsigned port,
    input int unsigned address_width,
    input int unsigned data_width
  );

  // Asks for work. Returns 1 and a beat, or 0 if there is nothing for this port in this cycle. The address is that
  // of the bus word (aligned down); strobe bit i stands for data[8*i +: 8]. On a read the strobes say which bytes
  // are of interest and data is 0.
  import "DPI-C" function bit c_dpi_next_beat(
    input  int unsigned     port,
    output bit              write,
    output longint unsigned address,
    output beat_data_t      data,
    output beat_strobe_t    strobe
  );

  // Ends the beat that c_dpi_next_beat gave. data is the whole bus word of a read, 0 for a write.
  import "DPI-C" function void c_dpi_end_beat(
    input int unsigned port,
    input int          status,
    input beat_data_t  data
  );

  // Ends the beat because a handshake used up its budget; reason says which, as "ARREADY stayed low for 9 cycles (…)".
  // From here until reset the bus is in an undefined state: c_dpi_next_beat gives this port no more beats.
  import "DPI-C" function void c_dpi_time_out_beat(
    input int unsigned port,
    input string       reason
  );

  // The device broke the bus protocol in a way that no answer can be trusted after it. Ends the run.
  import "DPI-C" function void c_dpi_report_breach(
    input int unsigned port,
    input string       breach
  );

  // An interrupt line has changed to this level.
  import "DPI-C" function void c_dpi_interrupt(
    input int unsigned line,
    input bit          level
  );

endpackage
