// The checkers of the buses: a core breaks each rule on purpose, at a checker of its own inside. One table: bus, number
// by which the core knows the rule, what is done, what is said.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const channels = ['AW', 'W', 'B', 'AR', 'R']
type Rule = [number: number, breach: string, words: string]

const channelRules: Rule[] = channels.flatMap((channel, i): Rule[] => [
  [10 + i, `${channel}VALID in reset`, `${channel}VALID is high in reset (AXI IHI 0022, A3.1.2)`],
  [20 + i, `${channel}VALID withdrawn`, `${channel}VALID fell before ${channel}READY rose (AXI IHI 0022, A3.2.1)`],
  [
    30 + i,
    `${channel} changed while it waits`,
    `the payload of ${channel} changed while ${channel}VALID waited for its READY (AXI IHI 0022, A3.2.1)`,
  ],
])

const rules: Record<string, Rule[]> = {
  axil: [
    ...channelRules,
    [
      40,
      'a response to no write',
      "BVALID=1 before the write's address was taken, or without one (AXI IHI 0022, A3.3.1)",
    ],
    [41, 'a response before the data', "BVALID=1 before the write's data was taken (AXI IHI 0022, A3.3.1)"],
    [42, 'data for no read', "RVALID=1 before the read's address was taken, or without one (AXI IHI 0022, A3.3.1)"],
    [43, 'BRESP=EXOKAY', "BRESP=EXOKAY, which AXI4-Lite doesn't know (AXI IHI 0022, B1.1.1)"],
    [44, 'RRESP=EXOKAY', "RRESP=EXOKAY, which AXI4-Lite doesn't know (AXI IHI 0022, B1.1.1)"],
  ],
  axi4: [
    ...channelRules,
    [
      40,
      'a response to no write',
      "BVALID=1 before the write's address and data were taken, or without a write (AXI IHI 0022, A3.3.1)",
    ],
    [
      41,
      'a response before the data',
      "BVALID=1 before the write's address and data were taken, or without a write (AXI IHI 0022, A3.3.1)",
    ],
    [42, 'data for no read', "RVALID=1 before the read's address was taken, or without a read (AXI IHI 0022, A3.3.1)"],
    [43, 'EXOKAY for a plain write', 'BRESP=EXOKAY for a plain write (AXI IHI 0022, A7.2)'],
    [44, 'EXOKAY for a plain read', 'RRESP=EXOKAY for a plain read (AXI IHI 0022, A7.2)'],
    [45, 'another BID', 'BID=3 belongs to no write that waits for its response (AXI IHI 0022, A5.3)'],
    [46, 'another RID', 'RID=3 belongs to no read that waits for data (AXI IHI 0022, A5.3)'],
    [47, 'no RLAST', 'RLAST=0 with 0 beats of the burst to come (AXI IHI 0022, A3.4.1)'],
    [48, 'no WLAST', 'WLAST=0 with 0 beats of the burst to come (AXI IHI 0022, A3.4.1)'],
    [49, 'strobes beside the beat', 'WSTRB reaches beyond the lanes of its beat (AXI IHI 0022, A3.4.3)'],
    [50, 'a reserved kind of burst', 'AWBURST=3 is reserved (AXI IHI 0022, A3.4.1)'],
    [51, 'beats wider than the bus', 'AWSIZE=3 asks for beats of 8 bytes on a bus of 4 (AXI IHI 0022, A3.4.1)'],
    [52, 'a long FIXED burst', 'AWLEN=16: a FIXED burst has 17 beats; 16 are the limit (AXI IHI 0022, A3.4.1)'],
    [53, 'a WRAP burst of 3', 'AWLEN=2: a WRAP burst has 3 beats; 2, 4, 8 and 16 are possible (AXI IHI 0022, A3.4.1)'],
    [
      54,
      'an unaligned WRAP burst',
      'AWADDR ends in 0x102: a WRAP burst is not aligned to its beats of 4 bytes (AXI IHI 0022, A3.4.1)',
    ],
    [
      55,
      'a write over a page',
      'AWADDR ends in 0xffc: a burst of 8 bytes crosses a multiple of 4096 (AXI IHI 0022, A3.4.1)',
    ],
    [56, 'an atomic operation', 'AWATOP=0x20 asks for an atomic operation, which is not served (AXI IHI 0022, E1.1)'],
    [57, 'a locked write', 'AWLOCK=2 asks for a locked access, which is not served (AXI IHI 0022, A7.3)'],
    [
      58,
      'interleaved data',
      'WID=3 in the data of the write with ID 0: interleaved data is not served (AXI IHI 0022, A5.3)',
    ],
    [61, 'a locked read', 'ARLOCK=2 asks for a locked access, which is not served (AXI IHI 0022, A7.3)'],
    [60, 'a reserved kind of read burst', 'ARBURST=3 is reserved (AXI IHI 0022, A3.4.1)'],
    [
      65,
      'a read over a page',
      'ARADDR ends in 0xf00: a burst of 1024 bytes crosses a multiple of 4096 (AXI IHI 0022, A3.4.1)',
    ],
  ],
  apb4: [
    [1, 'PSEL in reset', 'PSEL is high in reset (APB IHI 0024, 4.1)'],
    [2, 'PENABLE alone', 'PENABLE=1 without PSEL (APB IHI 0024, 4.1)'],
    [3, 'PENABLE with PSEL', 'PENABLE=1 without a setup cycle before it (APB IHI 0024, 4.1)'],
    [4, 'PENABLE late', 'PENABLE=0 in the cycle after the setup cycle (APB IHI 0024, 4.1)'],
    [5, 'PENABLE withdrawn', 'PENABLE fell before PREADY rose (APB IHI 0024, 3.1)'],
    [6, 'PSEL withdrawn', 'PSEL fell before PREADY rose (APB IHI 0024, 3.1)'],
    [7, 'PADDR changed', 'address, direction, strobes or protection changed in a transfer (APB IHI 0024, 3.1)'],
    [8, 'PWDATA changed', 'PWDATA changed in a write (APB IHI 0024, 3.1)'],
    [9, 'strobes in a read', 'PSTRB is not 0 in a read (APB IHI 0024, 3.2)'],
  ],
  wishbone: [
    [1, 'CYC in reset', 'CYC or STB is high in reset (Wishbone B4, rule 3.20)'],
    [2, 'STB alone', 'STB=1 without CYC (Wishbone B4, rule 3.25)'],
    [3, 'STB withdrawn', 'STB fell before ACK, ERR or RTY rose (Wishbone B4, rule 3.60)'],
    [4, 'ADR changed', 'WE, ADR or SEL changed before ACK, ERR or RTY rose (Wishbone B4, rule 3.60)'],
    [5, 'DAT changed', 'DAT changed in a write before ACK, ERR or RTY rose (Wishbone B4, rule 3.60)'],
    [6, 'ACK to nobody', 'ACK, ERR or RTY without CYC and STB (Wishbone B4, rule 3.35)'],
    [7, 'ACK and ERR', 'more than one of ACK, ERR and RTY is high (Wishbone B4, rule 3.45)'],
  ],
  wishbone_pipelined: [
    [1, 'CYC in reset', 'CYC or STB is high in reset (Wishbone B4, rule 3.20)'],
    [2, 'STB alone', 'STB=1 without CYC (Wishbone B4, rule 3.25)'],
    [3, 'STB withdrawn', 'STB fell while STALL was high (Wishbone B4, 3.1.3)'],
    [4, 'ADR changed', 'WE, ADR or SEL changed while STALL was high (Wishbone B4, 3.1.3)'],
    [5, 'DAT changed', 'DAT changed in a write while STALL was high (Wishbone B4, 3.1.3)'],
    [6, 'ACK while stalled', 'ACK, ERR or RTY without a request that waits for it (Wishbone B4, rule 3.35)'],
    [7, 'ACK and ERR', 'more than one of ACK, ERR and RTY is high (Wishbone B4, rule 3.45)'],
    [8, 'ACK to nobody', 'ACK, ERR or RTY without a request that waits for it (Wishbone B4, rule 3.35)'],
    [9, 'a third ACK to two requests', 'ACK, ERR or RTY without a request that waits for it (Wishbone B4, rule 3.35)'],
  ],
  ahb: [
    [1, 'NONSEQ in reset', 'HTRANS is not IDLE in reset (AHB IHI 0033, 7.1.2)'],
    [2, 'wider than the bus', 'HSIZE=3 asks for 8 bytes on a bus of 4 (AHB IHI 0033, 3.4)'],
    [3, 'unaligned', 'HADDR ends in 0x42: the transfer is not aligned to its 4 bytes (AHB IHI 0033, 3.4)'],
    [4, 'SEQ alone', 'HTRANS=SEQ without a burst that it goes on with (AHB IHI 0033, 3.2)'],
    [5, 'SEQ elsewhere', 'HADDR of SEQ is not that of the next beat (AHB IHI 0033, 3.2)'],
    [6, 'another HSIZE in a burst', 'HBURST, HSIZE or HWRITE changed in a burst (AHB IHI 0033, 3.2)'],
    [7, 'a burst over 1 KiB', 'a burst crosses a multiple of 1024 (AHB IHI 0033, 3.5)'],
    [8, 'HADDR changed', 'the address phase changed while HREADY was low (AHB IHI 0033, 3.6)'],
    [9, 'HWDATA changed', 'HWDATA or HWSTRB changed while HREADY was low (AHB IHI 0033, 3.6)'],
    [10, 'a wait state for BUSY', 'BUSY was not answered with OKAY at once (AHB IHI 0033, 3.2)'],
    [
      11,
      'ERROR in one cycle',
      'HRESP=ERROR ends in its first cycle: HREADYOUT was not low before (AHB IHI 0033, 5.1.3)',
    ],
    [
      12,
      'ERROR taken back',
      'HRESP=ERROR with HREADYOUT low lasts longer than a cycle, or is taken back (AHB IHI 0033, 5.1.3)',
    ],
    [13, 'RETRY', "HRESP=RETRY, which AHB-Lite doesn't know (AHB IHI 0033, 5.1)"],
    [14, 'BUSY alone', 'HTRANS=BUSY without a burst that it goes on with (AHB IHI 0033, 3.2)'],
  ],
  tlul: [
    [1, 'a_valid in reset', 'a_valid or d_valid is high in reset (TileLink 1.8, 3.2.2)'],
    [2, 'ArithmeticData', 'a_opcode=2 with a_param=0 is no request of TL-UL (TileLink 1.8, 7.2)'],
    [3, 'wider than the bus', 'a_size=3 asks for 8 bytes on a bus of 4 (TileLink 1.8, 7.2)'],
    [4, 'unaligned', 'a_address ends in 0x15: the request is not aligned to its 2 bytes (TileLink 1.8, 7.2)'],
    [5, 'lanes beside a Get', 'a_mask is not that of the lanes of the request (TileLink 1.8, 7.2)'],
    [6, 'PutFullData with a gap', 'a_mask is not that of the lanes of the request (TileLink 1.8, 7.2)'],
    [7, 'd_valid to nobody', 'd_valid without a request that was taken and waits for it (TileLink 1.8, 4.2)'],
    [8, 'd_valid before a_ready', 'd_valid without a request that was taken and waits for it (TileLink 1.8, 4.2)'],
    [9, 'AccessAck to a Get', 'd_opcode=0 where AccessAckData was to come (TileLink 1.8, 7.2)'],
    [10, 'AccessAckData to a write', 'd_opcode=1 where AccessAck was to come (TileLink 1.8, 7.2)'],
    [11, 'another source', 'd_source=3 answers a request of source 2 (TileLink 1.8, 6.4)'],
    [12, 'another size', 'd_size=1 answers a request of size 2 (TileLink 1.8, 7.2)'],
    [13, 'a_param', 'a_opcode=0 with a_param=1 is no request of TL-UL (TileLink 1.8, 7.2)'],
    [14, 'd_valid in reset', 'a_valid or d_valid is high in reset (TileLink 1.8, 3.2.2)'],
  ],
  obi: [
    [1, 'REQ in reset', 'REQ is high in reset (OBI 1.6, A channel)'],
    [2, 'REQ withdrawn', 'REQ fell or WE, ADDR, BE or AID changed before GNT (OBI 1.6, A channel)'],
    [3, 'ADDR changed', 'REQ fell or WE, ADDR, BE or AID changed before GNT (OBI 1.6, A channel)'],
    [4, 'WDATA changed', 'WDATA changed before GNT (OBI 1.6, A channel)'],
    [5, 'RVALID with GNT', 'RVALID without a request that waits for it (OBI 1.6, R channel)'],
    [6, 'RVALID to nobody', 'RVALID without a request that waits for it (OBI 1.6, R channel)'],
    [7, 'RVALID withdrawn', 'RVALID fell or RDATA, ERR or RID changed before RREADY (OBI 1.6, R channel)'],
    [8, 'RDATA changed', 'RVALID fell or RDATA, ERR or RID changed before RREADY (OBI 1.6, R channel)'],
    [9, 'another RID', 'RID is not the AID of the request (OBI 1.6, R channel)'],
  ],
  small_bus: [
    [1, 'CS in reset', 'CS, WE or RE is high in reset'],
    [2, 'both directions', 'WE and RE are high at once'],
    [3, 'address changed', 'CS, WE, RE, address or byte enables changed before READY rose'],
    [4, 'data changed', 'write data changed before READY rose'],
    [5, 'CS withdrawn', 'CS, WE, RE, address or byte enables changed before READY rose'],
    [20, 'READ in reset', 'READ or WRITE is high in reset (Avalon, 3.2)'],
    [21, 'READ and WRITE', 'READ and WRITE are high at once (Avalon, 3.2)'],
    [22, 'address changed', 'the command changed while WAITREQUEST was high (Avalon, 3.5.1)'],
    [23, 'WRITEDATA changed', 'WRITEDATA changed while WAITREQUEST was high (Avalon, 3.5.1)'],
    [24, 'a third word', 'READDATAVALID=1 without a read that waits for it (Avalon, 3.5.4)'],
    [25, 'no words', 'BURSTCOUNT=0 (Avalon, 3.5.5)'],
    [26, 'a read in a burst', 'READ=1 before all words of a write burst came (Avalon, 3.5.5)'],
    [27, 'an early answer', 'WRITERESPONSEVALID=1 without a write that waits for it (Avalon, 3.5.6)'],
    [28, 'a second answer', 'WRITERESPONSEVALID=1 without a write that waits for it (Avalon, 3.5.6)'],
    [29, 'READ withdrawn', 'the command changed while WAITREQUEST was high (Avalon, 3.5.1)'],
  ],
  cpuif: [
    [1, 'REQ in reset', 'REQ is high in reset (Internal CPUIF Protocol, request)'],
    [2, 'REQ withdrawn', 'REQ fell or REQ_IS_WR or ADDR changed in a stall (Internal CPUIF Protocol, request)'],
    [3, 'ADDR changed', 'REQ fell or REQ_IS_WR or ADDR changed in a stall (Internal CPUIF Protocol, request)'],
    [4, 'WR_DATA changed', 'WR_DATA or WR_BITEN changed in a stall (Internal CPUIF Protocol, request)'],
    [5, 'WR_BITEN changed', 'WR_DATA or WR_BITEN changed in a stall (Internal CPUIF Protocol, request)'],
    [6, 'WR_ACK to a read', 'WR_ACK without a write that waits for it (Internal CPUIF Protocol, answer)'],
    [7, 'RD_ACK to nobody', 'RD_ACK without a read that waits for it (Internal CPUIF Protocol, answer)'],
    [8, 'a second RD_ACK', 'RD_ACK without a read that waits for it (Internal CPUIF Protocol, answer)'],
  ],
  localbus: [
    [1, 'REN in reset', 'WEN or REN is high in reset (Local Bus)'],
    [2, 'WEN withdrawn', 'WEN fell or WADDR, WDATA or WSTRB changed before WREADY (Local Bus, write)'],
    [3, 'WADDR changed', 'WEN fell or WADDR, WDATA or WSTRB changed before WREADY (Local Bus, write)'],
    [4, 'WDATA changed', 'WEN fell or WADDR, WDATA or WSTRB changed before WREADY (Local Bus, write)'],
    [5, 'WSTRB changed', 'WEN fell or WADDR, WDATA or WSTRB changed before WREADY (Local Bus, write)'],
    [6, 'REN withdrawn', 'REN fell or RADDR changed before RVALID (Local Bus, read)'],
    [7, 'RADDR changed', 'REN fell or RADDR changed before RVALID (Local Bus, read)'],
  ],
}

describe.each(Object.entries(rules))('%s', (bus, table) => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore(`${bus}_violations`)), buildTimeoutMs)

  test.each(table)('%i: %s', async (number, _breach, words) => {
    const core = await runCore(built)
    void core.access({ operation: 'write', offset: 0n, widthBytes: 4, data: Buffer.from([number, 0, 0, 0]) })
    core.advance(40).catch(() => undefined)
    expect((await core.ended).fault).toMatchObject({ kind: 'protocol', message: `port inner: ${words}` })
  })

  // 15 is a second kind of them where a bus has one.
  test.each([0, 15])('nothing is said of good manners, %i', async (number) => {
    const core = await runCore(built)
    await core.write(0, table.some(([breach]) => breach === number) ? 0 : number)
    await core.advance(40)
    expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
  })
})
