"""Writes the registers in Amaranth, behind a Wishbone whose addresses count words: python3 amaranth_bank.py OUTPUT.v

Amaranth SoC, which has register banks of its own, is not among PyPI's packages; ports are named as its would be.
"""
import sys

from amaranth.back import verilog
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

Wishbone = wiring.Signature({
    'adr': Out(4), 'dat_w': Out(32), 'dat_r': In(32), 'sel': Out(4),
    'cyc': Out(1), 'stb': Out(1), 'we': Out(1), 'ack': In(1),
})


class Bank(wiring.Component):
    bus: In(Wishbone)

    def elaborate(self, platform):
        m = Module()
        scratch, settings = Signal(32), Signal(32, init=0x22000011)
        bus = self.bus
        m.d.sync += bus.ack.eq(bus.cyc & bus.stb & ~bus.ack)
        registers = {0: 0xC0DE0001, 1: scratch, 2: settings, 3: 0xC0DE0004}
        with m.Switch(bus.adr):
            for word, value in registers.items():
                with m.Case(word):
                    m.d.sync += bus.dat_r.eq(value)
        with m.If(bus.cyc & bus.stb & bus.we & ~bus.ack):
            for word, register in [(1, scratch), (2, settings)]:
                for lane in range(4):
                    with m.If((bus.adr == word) & bus.sel[lane]):
                        m.d.sync += register.word_select(lane, 8).eq(bus.dat_w.word_select(lane, 8))
        return m


with open(sys.argv[1], 'w') as file:
    file.write(verilog.convert(Bank(), name='bank'))
