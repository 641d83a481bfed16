"""Writes the registers as LiteX does, behind its bridge from Wishbone: python3 litex_bank.py OUTPUT.v"""
import sys

from litex.soc.interconnect import csr_bus, wishbone
from litex.soc.interconnect.csr import AutoCSR, CSRStatus, CSRStorage
from migen import Module
from migen.fhdl.verilog import convert


class Registers(Module, AutoCSR):
    def __init__(self):
        self.identity = CSRStatus(32, reset=0xC0DE0001)
        self.scratch = CSRStorage(32)
        self.settings = CSRStorage(32, reset=0x22000011)
        self.last = CSRStatus(32, reset=0xC0DE0004)


class Bank(Module):
    def __init__(self):
        self.bus = wishbone.Interface()
        self.submodules.registers = Registers()
        csr = csr_bus.Interface(data_width=32)
        self.submodules.bridge = wishbone.Wishbone2CSR(self.bus, csr)
        self.submodules.bank = csr_bus.CSRBank(self.registers.get_csrs(), bus=csr)


bank = Bank()
convert(bank, set(bank.bus.flatten()), name='bank').write(sys.argv[1])
