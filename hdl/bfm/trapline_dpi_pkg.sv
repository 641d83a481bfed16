// SPDX-License-Identifier: Apache-2.0
//
// The SystemVerilog half of the seam between the bus functional models (BFMs) and the C++ around them; the C half is
// sim/dpi.cc. The words are bus-neutral: a beat is one transfer of at most one bus word, a burst is beats at ascending
// addresses, and what a bus calls its answer is translated by its BFM.
//
// The BFM pulls: it asks for the next burst at a clock edge and tells how it went at later ones. No call consumes
// time, none is an export, so no call depends on a DPI scope.

package trapline_dpi_pkg;

  // A bus word has 8 to 1024 bits and travels in slices of 64: the call for a beat carries the lowest one, further
  // calls the others. So a narrow bus, which most are, moves no more than it must.
  localparam int unsigned SliceBits = 64;

  typedef bit [SliceBits-1:0]   beat_data_t;
  typedef bit [SliceBits/8-1:0] beat_strobe_t;

  // Widest beat of a stream.
  localparam int unsigned StreamBits = 1024;

  typedef bit [StreamBits-1:0]   stream_data_t;
  typedef bit [StreamBits/8-1:0] stream_lanes_t;

  // A word as the design drives it, with X and Z in a simulator that has four states.
  typedef logic [StreamBits-1:0] seen_word_t;

  // How a beat or burst ended. The numbers are those of trapline.v1.Status.
  typedef enum int {
    BeatOkay   = 1,
    BeatSlverr = 2,
    BeatDecerr = 3
  } beat_status_e;

  // ---- settings, to be asked for at time 0

  // The cycle budget of one handshake.
  import "DPI-C" function longint unsigned c_dpi_max_cycles();

  typedef enum int unsigned {
    StallAw = 0,  // and the writes of a bus without channels
    StallW  = 1,
    StallB  = 2,
    StallAr = 3,  // and its reads
    StallR  = 4,
    StallT  = 5   // of streams
  } stall_channel_e;

  // In how many of 100 cycles the BFM holds a channel back: its VALID where it drives that, else its READY.
  import "DPI-C" function int unsigned c_dpi_stall_percent(input int unsigned channel);

  // ---- manager BFMs

  // Registers a port at time 0; widths in bits. max_beats is 1 for a bus without bursts.
  import "DPI-C" function void c_dpi_open_port(
    input int unsigned port,
    input int unsigned address_width,
    input int unsigned data_width,
    input int unsigned max_beats
  );

  // After c_dpi_open_port, for a bus whose beats are naturally aligned: bursts begin at multiples of their beat_bytes,
  // and a word that is not wanted whole comes as beats that are narrower; in writes only if there are no strobes. No
  // burst crosses a multiple of boundary bytes, and what one instruction can access has no bursts of several beats.
  import "DPI-C" function void c_dpi_align_port(
    input int unsigned port,
    input bit          write_strobes,
    input int unsigned boundary
  );

  // At time 0, where the device has no strobes (missing is their name): a write of less than whole words ends as
  // DECERR.
  import "DPI-C" function void c_dpi_refuse_narrow_writes(
    input int unsigned port,
    input string       missing
  );

  // Whether c_dpi_next_beat or c_dpi_next_burst may give work. A call that a cycle without any costs next to nothing.
  import "DPI-C" function bit c_dpi_has_work(input int unsigned port);

  // Bus without bursts: asks for work. Returns 1 and a beat, or 0 if there is nothing for this port in this cycle. The
  // address is that of the bus word (aligned down); strobe bit i stands for data[8*i +: 8]. On a read the strobes say
  // which bytes are of interest and data is 0. Higher slices: c_dpi_get_slice.
  import "DPI-C" function bit c_dpi_next_beat(
    input  int unsigned     port,
    output bit              write,
    output longint unsigned address,
    output beat_data_t      data,
    output beat_strobe_t    strobe
  );

  // Ends the beat that c_dpi_next_beat gave. data is the bus word of a read, 0 for a write. Higher slices:
  // c_dpi_put_slice, before.
  import "DPI-C" function void c_dpi_end_beat(
    input int unsigned port,
    input int          status,
    input beat_data_t  data
  );

  // Bus with bursts: asks for work, as above. The address is that of the first byte; every beat but the first begins at
  // a multiple of beat_bytes.
  import "DPI-C" function bit c_dpi_next_burst(
    input  int unsigned     port,
    output bit              write,
    output longint unsigned address,
    output int unsigned     beats,
    output int unsigned     beat_bytes
  );

  // The next beat of the present write burst. Higher slices: c_dpi_get_slice.
  import "DPI-C" function void c_dpi_write_beat(
    input  int unsigned  port,
    output beat_data_t   data,
    output beat_strobe_t strobe
  );

  // The next beat of the present read burst has come; data is the bus word. Higher slices: c_dpi_put_slice, before.
  import "DPI-C" function void c_dpi_read_beat(
    input int unsigned port,
    input int          status,
    input beat_data_t  data
  );

  // Slice 1 to 15 of the word that a call has just given, and of the one that the next call is to take.
  import "DPI-C" function void c_dpi_get_slice(
    input  int unsigned  port,
    input  int unsigned  slice,
    output beat_data_t   data,
    output beat_strobe_t strobe
  );
  import "DPI-C" function void c_dpi_put_slice(
    input int unsigned port,
    input int unsigned slice,
    input beat_data_t  data
  );

  // Before c_dpi_end_beat or c_dpi_read_beat, if any bit of the word that it brings is neither 0 nor 1: which of them.
  // Bytes that the access asks for decide: the first beat with such a one ends as BeatSlverr, and says where.
  import "DPI-C" function void c_dpi_put_unknown(
    input int unsigned  port,
    input stream_data_t bits
  );

  // What else an answer says is neither 0 nor 1, as "BRESP is xx". Ends the run, for no answer can be trusted after it.
  import "DPI-C" function void c_dpi_report_unknown(
    input int unsigned port,
    input string       what
  );

  // Ends the present burst; status is the answer to a write burst, BeatOkay after the beats of a read.
  import "DPI-C" function void c_dpi_end_burst(
    input int unsigned port,
    input int          status
  );

  // Ends the present beat or burst because a handshake used up its budget; reason says which, as "ARREADY stayed low
  // for 9 cycles (…)". From here until reset the bus is in an undefined state and this port gets no more work.
  import "DPI-C" function void c_dpi_time_out(
    input int unsigned port,
    input string       reason
  );

  // ---- subordinate BFMs, which serve the manager ports of the design

  // Registers a manager port at time 0.
  import "DPI-C" function void c_dpi_open_manager(
    input int unsigned manager,
    input int unsigned data_width
  );

  // A burst begins; one read and one write burst of a manager can be under way at once. kind is AxBURST.
  import "DPI-C" function void c_dpi_begin_dma(
    input int unsigned     manager,
    input bit              write,
    input longint unsigned address,
    input int unsigned     beats,
    input int unsigned     beat_bytes,
    input int unsigned     kind
  );

  // The next beat of the read burst, in its lanes of the bus word. Returns its beat_status_e.
  import "DPI-C" function int c_dpi_dma_read_beat(
    input  int unsigned manager,
    output beat_data_t  data
  );
  import "DPI-C" function void c_dpi_dma_get_slice(
    input  int unsigned manager,
    input  int unsigned slice,
    output beat_data_t  data
  );

  // The next beat of the write burst; its higher slices go before.
  import "DPI-C" function void c_dpi_dma_write_beat(
    input int unsigned  manager,
    input beat_data_t   data,
    input beat_strobe_t strobe
  );
  import "DPI-C" function void c_dpi_dma_put_slice(
    input int unsigned  manager,
    input int unsigned  slice,
    input beat_data_t   data,
    input beat_strobe_t strobe
  );

  // Before c_dpi_dma_write_beat, if any bit of its data is neither 0 nor 1: which of them. In bytes whose strobe is 1
  // that ends the run: memory knows only 0 and 1.
  import "DPI-C" function void c_dpi_dma_put_unknown(
    input int unsigned   manager,
    input stream_data_t  bits,
    input stream_lanes_t strobe
  );

  // What else a manager port says is neither 0 nor 1, as "WSTRB is xx11". Ends the run.
  import "DPI-C" function void c_dpi_dma_report_unknown(
    input int unsigned manager,
    input string       what
  );

  // What one side of a manager waits for, from the design; see c_dpi_dma_waits.
  typedef enum int unsigned {
    WaitNone     = 0,
    WaitAddress  = 1,  // write data is offered, but no address
    WaitData     = 2,  // an address was taken, but its write data is not offered
    WaitResponse = 3,  // a write response is offered, but not taken
    WaitTaken    = 4   // read data is offered, but not taken
  } dma_wait_e;

  // Called at the edge that sees a change: from now on this side waits for that, or for nothing.
  import "DPI-C" function void c_dpi_dma_waits(
    input int unsigned manager,
    input bit          write,
    input int unsigned what
  );

  // All beats of the write burst have come. Returns the beat_status_e of the whole.
  import "DPI-C" function int c_dpi_end_dma_write(input int unsigned manager);

  // ---- stream BFMs

  // Registers a stream at time 0. written is 1 for one that the host writes; whole_beats if a beat can't say which of
  // its bytes count, packets if it has a TLAST. Returns whether a host uses it.
  import "DPI-C" function bit c_dpi_open_stream(
    input int unsigned stream,
    input bit          written,
    input int unsigned data_width,
    input bit          whole_beats,
    input bit          packets
  );

  // Whether c_dpi_next_stream_beat has a beat to give. A call that a cycle without any costs next to nothing.
  import "DPI-C" function bit c_dpi_stream_has_work(input int unsigned stream);

  // Asks for a beat. Returns 1 and a beat, whose bytes count where keep is 1, or 0 if there is none in this cycle.
  import "DPI-C" function bit c_dpi_next_stream_beat(
    input  int unsigned   stream,
    output stream_data_t  data,
    output stream_lanes_t keep,
    output bit            last
  );

  // The beat that c_dpi_next_stream_beat gave has been taken.
  import "DPI-C" function void c_dpi_end_stream_beat(input int unsigned stream);

  // The beat has used up its budget, as c_dpi_time_out says.
  import "DPI-C" function void c_dpi_time_out_stream(
    input int unsigned stream,
    input string       reason
  );

  // Whether there is room for one more beat from the design.
  import "DPI-C" function bit c_dpi_stream_has_room(input int unsigned stream);

  // A beat has come from the design. Bytes count where keep is 1; where strobe is 0 they are position bytes.
  import "DPI-C" function void c_dpi_stream_beat(
    input int unsigned   stream,
    input stream_data_t  data,
    input stream_lanes_t keep,
    input stream_lanes_t strobe,
    input bit            last
  );

  // Before c_dpi_stream_beat, if any bit of its data is neither 0 nor 1: which of them. In lanes that count that ends
  // the run. port is its name.
  import "DPI-C" function void c_dpi_stream_put_unknown(
    input string         port,
    input stream_data_t  bits,
    input stream_lanes_t lanes
  );

  // ---- monitors and checkers

  // An interrupt line has changed to this level.
  import "DPI-C" function void c_dpi_interrupt(
    input int unsigned line,
    input bit          level
  );

  // The design broke a bus protocol in a way that no answer can be trusted after it. Ends the run.
  import "DPI-C" function void c_dpi_report_breach(
    input string port,
    input string breach
  );

  // ---- what BFMs share

  // Which bits are neither 0 nor 1. BFMs ask $isunknown of what counts before they call this or report anything: with
  // two states that is 0 at compile time, so that nothing of it is left.
  function automatic stream_data_t unknown_bits(seen_word_t word);
    for (int unsigned i = 0; i < StreamBits; i++) unknown_bits[i] = $isunknown(word[i]);
  endfunction

  // Cycles between the release of reset and the first pull.
  localparam longint unsigned SettleCycles = 4;

  // Whether the present one is the last of them; so many have gone by.
  function automatic bit has_settled(longint unsigned waited);
    return waited == SettleCycles - 1;
  endfunction

  // How many slices a bus word has.
  function automatic int unsigned slices_of(int unsigned data_width);
    return (data_width + SliceBits - 1) / SliceBits;
  endfunction

  // The model's --stall by channel, in percent.
  typedef struct {
    int unsigned aw;
    int unsigned w;
    int unsigned b;
    int unsigned ar;
    int unsigned r;
  } stalls_t;

  function automatic stalls_t get_stalls();
    stalls_t stalls;
    stalls.aw = c_dpi_stall_percent(StallAw);
    stalls.w  = c_dpi_stall_percent(StallW);
    stalls.b  = c_dpi_stall_percent(StallB);
    stalls.ar = c_dpi_stall_percent(StallAr);
    stalls.r  = c_dpi_stall_percent(StallR);
    return stalls;
  endfunction

  // Whether a channel is held back in this cycle.
  function automatic bit held_back(int unsigned percent);
    // As one expression it would ask for a random number in each cycle, for Verilator evaluates both sides of &&.
    if (percent == 0) return 1'b0;
    return $urandom() % 100 < percent;
  endfunction

  // What lanes show while their VALID is low; wider ones show it more than once.
  function automatic bit [63:0] noise();
    return {$urandom(), $urandom()};
  endfunction

  function automatic stream_data_t stream_noise();
    stream_data_t bits;
    for (int unsigned i = 0; i < StreamBits; i += SliceBits) bits[i +: SliceBits] = noise();
    return bits;
  endfunction

  // AXI's xRESP (IHI 0022, A3.4.4).
  function automatic beat_status_e status_of(logic [1:0] resp);
    case (resp)
      2'b10:   return BeatSlverr;
      2'b11:   return BeatDecerr;
      default: return BeatOkay;
    endcase
  endfunction

  // What a write or a read of AXI waits for: open are the handshakes of its requests that are still to come.
  function automatic string axi_write_culprit(logic aw_open, logic w_open);
    /* verilator no_inline_task */  // else its strings are made at each edge
    // A READY of X is not high.
    if (aw_open !== 1'b0 && w_open !== 1'b0) return "AWREADY and WREADY";
    if (aw_open !== 1'b0) return "AWREADY";
    if (w_open !== 1'b0) return "WREADY";
    return "BVALID";
  endfunction

  function automatic string axi_read_culprit(logic ar_open);
    /* verilator no_inline_task */  // else its strings are made at each edge
    if (ar_open !== 1'b0) return "ARREADY";
    return "RVALID";
  endfunction

  function automatic logic [1:0] resp_of(int status);
    case (status)
      BeatSlverr: return 2'b10;
      BeatDecerr: return 2'b11;
      default:    return 2'b00;
    endcase
  endfunction
endpackage
