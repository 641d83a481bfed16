-- SPDX-License-Identifier: Apache-2.0
--
-- axil_gpio: general-purpose pins with an interrupt on change. The twin of axil_gpio.sv, register by register and cycle
-- by cycle; its manual is there. Sources: axil_front.vhd, axil_registers.vhd, then this file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.axil_register_types.all;

entity axil_gpio is
  generic (
    -- 6 to 32.
    AddrWidth : positive := 12;
    -- 32 or 64.
    DataWidth : positive := 32;
    -- 1 to 32.
    Pins      : positive := 32
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

    gpio_i         : in  std_logic_vector(Pins - 1 downto 0);
    gpio_o         : out std_logic_vector(Pins - 1 downto 0);
    gpio_oe_o      : out std_logic_vector(Pins - 1 downto 0);
    irq_o          : out std_logic
  );
end entity;

architecture rtl of axil_gpio is
  subtype pins_t is std_logic_vector(Pins - 1 downto 0);

  constant OutReg    : natural := 0;
  constant InReg     : natural := 1;
  constant Direction : natural := 2;
  constant Changed   : natural := 3;
  constant Enable    : natural := 4;
  constant NumRegs   : natural := 5;
  constant Writable  : std_logic_vector(NumRegs - 1 downto 0) := "11101";

  signal value                                   : regs_t(0 to NumRegs - 1);  -- what each register reads as
  signal writes                                  : reg_writes_t(0 to NumRegs - 1);
  signal out_q, direction_q, changed_q, enable_q : pins_t;
  signal sync_q, in_q, previous_q                : pins_t;
  -- Stages of the synchroniser that hold a pin's level; all ones when full.
  signal filled_q                                : std_logic_vector(2 downto 0);

  function to_reg(pins_in : pins_t) return reg_t is
  begin
    return std_logic_vector(resize(unsigned(pins_in), 32));
  end function;
begin
  -- ---- the registers

  value(OutReg)    <= to_reg(out_q);
  value(InReg)     <= to_reg(in_q);
  value(Direction) <= to_reg(direction_q);
  value(Changed)   <= to_reg(changed_q);
  value(Enable)    <= to_reg(enable_q);

  gpio_o    <= out_q;
  gpio_oe_o <= direction_q;
  irq_o     <= or (changed_q and enable_q);

  registers : process (clk_i, rst_ni)
    variable changes : pins_t;
  begin
    if rst_ni = '0' then
      out_q       <= (others => '0');
      direction_q <= (others => '0');
      enable_q    <= (others => '0');
      changed_q   <= (others => '0');
      filled_q    <= (others => '0');
    elsif rising_edge(clk_i) then
      changes := (others => '0');
      if (and filled_q) = '1' then
        changes := in_q xor previous_q;
      end if;
      out_q       <= written(writes(OutReg), out_q);
      direction_q <= written(writes(Direction), direction_q);
      enable_q    <= written(writes(Enable), enable_q);
      changed_q   <= (changed_q and not written(writes(Changed), (pins_t'range => '0'))) or changes;
      filled_q    <= filled_q(1 downto 0) & '1';
    end if;
  end process;

  synchroniser : process (clk_i)
  begin
    if rising_edge(clk_i) then
      sync_q     <= gpio_i;
      in_q       <= sync_q;
      previous_q <= in_q;
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
