// SPDX-License-Identifier: Apache-2.0
//
// What the kit and its C half (kit.cc) say to each other beside trapline_dpi_pkg: when the edges of the clock come. As
// there, the simulator calls, and no call is an export.

package trapline_kit_pkg;

  // Called before each falling edge, and at time 0: all that belongs to the rising edge has happened. Simulated time
  // stands still until the call returns, which it does when a host wants time. Returns 1 and the level of the
  // active-low reset from this edge on; 0 at the end of the run: the simulation has to end. The period is that of the
  // clock, in ps.
  import "DPI-C" function bit c_dpi_kit_fall(
    input  longint unsigned period_ps,
    output bit              reset_n
  );

  // Called before each rising edge: a cycle begins.
  import "DPI-C" function void c_dpi_kit_rise();

  // Called once, in a final block: what is under way is answered, the log is closed, the link is left.
  import "DPI-C" function void c_dpi_kit_leave();

endpackage
