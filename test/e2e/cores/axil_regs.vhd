-- SPDX-License-Identifier: Apache-2.0
--
-- axil_regs: one register of each common kind. The twin of axil_regs.sv, register by register and cycle by cycle; its
-- manual is there. Sources: axil_front.vhd, axil_registers.vhd, then this file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.axil_register_types.all;

entity axil_regs is
  generic (
    -- 6 to 32.
    AddrWidth : positive := 12;
    -- 32 or 64.
    DataWidth : positive := 32;
    Id        : std_logic_vector(31 downto 0) := x"54524150"
  );
  port (
    clk_i          : in  std_logic;
    rst_ni         : in  std_logic;

    s_axil_awaddr  : in  std_logic_vector(AddrWidth - 1 downto 0);
    s_axil_awprot  : in  std_logic_vector(2 downto 0);
    s_axil_awvalid : in  std_logic;
    s_axil_awready : out std_logic;
    s_axil_wdata   : in  std_logic_vector(DataWidth - 1 downto 0);
    s_axil_wstrb   : in  std_logic_vector(DataWidth / 8 - 1 downto 0);
    s_axil_wvalid  : in  std_logic;
    s_axil_wready  : out std_logic;
    s_axil_bresp   : out std_logic_vector(1 downto 0);
    s_axil_bvalid  : out std_logic;
    s_axil_bready  : in  std_logic;
    s_axil_araddr  : in  std_logic_vector(AddrWidth - 1 downto 0);
    s_axil_arprot  : in  std_logic_vector(2 downto 0);
    s_axil_arvalid : in  std_logic;
    s_axil_arready : out std_logic;
    s_axil_rdata   : out std_logic_vector(DataWidth - 1 downto 0);
    s_axil_rresp   : out std_logic_vector(1 downto 0);
    s_axil_rvalid  : out std_logic;
    s_axil_rready  : in  std_logic
  );
end entity;

architecture rtl of axil_regs is
  constant Scratch  : natural := 0;
  constant IdReg    : natural := 1;
  constant Status   : natural := 2;
  constant Count    : natural := 3;
  constant PairLo   : natural := 4;
  constant PairHi   : natural := 5;
  constant Trigger  : natural := 6;
  constant NumRegs  : natural := 7;
  constant Writable : std_logic_vector(NumRegs - 1 downto 0) := "1110101";

  signal value                        : regs_t(0 to NumRegs - 1);  -- what each register reads as
  signal writes                       : reg_writes_t(0 to NumRegs - 1);
  signal reads                        : std_logic_vector(0 to NumRegs - 1);
  signal scratch_q, status_q, count_q : reg_t;
  signal pair_lo_q, pair_hi_q         : reg_t;
begin
  -- ---- the registers

  value(Scratch) <= scratch_q;
  value(IdReg)   <= Id;
  value(Status)  <= status_q;
  value(Count)   <= count_q;
  value(PairLo)  <= pair_lo_q;
  value(PairHi)  <= pair_hi_q;
  value(Trigger) <= (others => '0');

  registers : process (clk_i, rst_ni)
    constant Zero   : reg_t := (others => '0');
    variable before : unsigned(31 downto 0);
  begin
    if rst_ni = '0' then
      scratch_q <= Zero;
      status_q  <= Zero;
      count_q   <= Zero;
      pair_lo_q <= Zero;
      pair_hi_q <= Zero;
    elsif rising_edge(clk_i) then
      before := unsigned(count_q);
      if reads(Count) = '1' then
        before := (others => '0');
      end if;
      if (or writes(Scratch).strb) = '1' then
        before := before + 1;
      end if;
      count_q   <= std_logic_vector(before);
      scratch_q <= written(writes(Scratch), scratch_q);
      pair_lo_q <= written(writes(PairLo), pair_lo_q);
      pair_hi_q <= written(writes(PairHi), pair_hi_q);
      status_q  <= (status_q and not written(writes(Status), Zero)) or written(writes(Trigger), Zero);
    end if;
  end process;

  -- ---- the bus

  bank : entity work.axil_registers
    generic map (
      AddrWidth => AddrWidth,
      DataWidth => DataWidth,
      NumRegs   => NumRegs,
      Writable  => Writable
    )
    port map (
      clk_i          => clk_i,
      rst_ni         => rst_ni,
      s_axil_awaddr  => s_axil_awaddr,
      s_axil_awprot  => s_axil_awprot,
      s_axil_awvalid => s_axil_awvalid,
      s_axil_awready => s_axil_awready,
      s_axil_wdata   => s_axil_wdata,
      s_axil_wstrb   => s_axil_wstrb,
      s_axil_wvalid  => s_axil_wvalid,
      s_axil_wready  => s_axil_wready,
      s_axil_bresp   => s_axil_bresp,
      s_axil_bvalid  => s_axil_bvalid,
      s_axil_bready  => s_axil_bready,
      s_axil_araddr  => s_axil_araddr,
      s_axil_arprot  => s_axil_arprot,
      s_axil_arvalid => s_axil_arvalid,
      s_axil_arready => s_axil_arready,
      s_axil_rdata   => s_axil_rdata,
      s_axil_rresp   => s_axil_rresp,
      s_axil_rvalid  => s_axil_rvalid,
      s_axil_rready  => s_axil_rready,
      values_i       => value,
      writes_o       => writes,
      reads_o        => reads
    );
end architecture;
