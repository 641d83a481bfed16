-- SPDX-License-Identifier: Apache-2.0
--
-- axil_timer: counts clock cycles and raises an interrupt when the count reaches a limit. The twin of axil_timer.sv,
-- register by register and cycle by cycle; its manual is there. Sources: axil_front.vhd, axil_registers.vhd, then this
-- file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.axil_register_types.all;

entity axil_timer is
  generic (
    -- 6 to 32.
    AddrWidth : positive := 12;
    -- 32 or 64.
    DataWidth : positive := 32
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
    s_axil_rready  : in  std_logic;

    irq_o          : out std_logic
  );
end entity;

architecture rtl of axil_timer is
  constant Control  : natural := 0;
  constant Status   : natural := 1;
  constant Count    : natural := 2;
  constant Compare  : natural := 3;
  constant NumRegs  : natural := 4;
  constant Writable : std_logic_vector(NumRegs - 1 downto 0) := "1111";

  signal value                      : regs_t(0 to NumRegs - 1);  -- what each register reads as
  signal writes                     : reg_writes_t(0 to NumRegs - 1);
  signal count_q, compare_q         : reg_t;
  signal run_q, enable_q, reached_q : std_logic;
begin
  -- ---- the registers

  value(Control) <= (0 => run_q, 1 => enable_q, others => '0');
  value(Status)  <= (0 => reached_q, others => '0');
  value(Count)   <= count_q;
  value(Compare) <= compare_q;

  irq_o <= reached_q and enable_q;

  registers : process (clk_i, rst_ni)
    constant Zero              : reg_t := (others => '0');
    variable counted, cleared  : reg_t;
    variable control_now       : reg_t;
    variable is_count_written  : boolean;
  begin
    if rst_ni = '0' then
      run_q     <= '0';
      enable_q  <= '0';
      reached_q <= '0';
      count_q   <= (others => '0');
      compare_q <= (others => '1');
    elsif rising_edge(clk_i) then
      counted := count_q;
      if run_q = '1' then
        counted := std_logic_vector(unsigned(count_q) + 1);
      end if;
      is_count_written := (or writes(Count).strb) = '1';
      control_now := written(writes(Control), value(Control));
      cleared     := written(writes(Status), Zero);
      run_q     <= control_now(0);
      enable_q  <= control_now(1);
      compare_q <= written(writes(Compare), compare_q);
      reached_q <= reached_q and not cleared(0);
      if is_count_written then
        count_q <= written(writes(Count), count_q);
      else
        count_q <= counted;
        if run_q = '1' and counted = compare_q then
          reached_q <= '1';
        end if;
      end if;
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
      reads_o        => open
    );
end architecture;
