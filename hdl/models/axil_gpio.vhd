-- SPDX-License-Identifier: Apache-2.0
--
-- axil_gpio: general-purpose pins with an interrupt on change. The twin of axil_gpio.sv, register by register and cycle
-- by cycle; its manual is there. Sources: axil_front.vhd, then this file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

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
  subtype reg_t is std_logic_vector(31 downto 0);
  subtype pins_t is std_logic_vector(Pins - 1 downto 0);

  constant OutReg    : natural := 0;
  constant InReg     : natural := 1;
  constant Direction : natural := 2;
  constant Changed   : natural := 3;
  constant Enable    : natural := 4;
  constant NumRegs   : natural := 5;
  constant Writable  : std_logic_vector(NumRegs - 1 downto 0) := "11101";

  type regs_t is array (0 to NumRegs - 1) of reg_t;

  -- A bus word holds one or two registers.
  constant Lanes    : positive := DataWidth / 32;
  -- Of an address, those that count the bytes of a word.
  constant WordBits : positive := Lanes + 1;
  -- Bus words whose number is not below this have no register.
  constant NumWords : positive := (NumRegs + Lanes - 1) / Lanes;

  signal write, write_error, read, read_error : std_logic;
  signal write_addr, read_addr                : std_logic_vector(AddrWidth - 1 downto 0);
  signal write_data, read_data                : std_logic_vector(DataWidth - 1 downto 0);
  signal write_strb                           : std_logic_vector(DataWidth / 8 - 1 downto 0);

  signal value                                   : regs_t;  -- what each register reads as
  signal out_q, direction_q, changed_q, enable_q : pins_t;
  signal sync_q, in_q, previous_q                : pins_t;
  -- Stages of the synchroniser that hold a pin's level; all ones when full.
  signal filled_q                                : std_logic_vector(2 downto 0);

  -- The number of the bus word, at most NumWords, so that no address is too large for an integer. An idle bus may show
  -- anything, also what is no number.
  function word_of(address : std_logic_vector) return natural is
    constant word : unsigned(AddrWidth - 1 downto 0) := shift_right(to_01(unsigned(address)), WordBits);
  begin
    if word >= NumWords then
      return NumWords;
    end if;
    return to_integer(word);
  end function;

  function to_reg(pins_in : pins_t) return reg_t is
  begin
    return std_logic_vector(resize(unsigned(pins_in), 32));
  end function;

  -- The strobes that the present write has for a register; 0 if there is no write to it, or one that is refused.
  impure function strobes_of(index : natural) return std_logic_vector is
    constant lane : natural := index mod Lanes;
  begin
    if write = '1' and write_error = '0' and word_of(write_addr) = index / Lanes then
      return write_strb(4 * lane + 3 downto 4 * lane);
    end if;
    return "0000";
  end function;

  -- The pins' bits of a register, with the bytes of the present write in place.
  impure function written(index : natural; old : pins_t) return pins_t is
    constant first   : natural := 32 * (index mod Lanes);
    constant strobes : std_logic_vector(3 downto 0) := strobes_of(index);
    variable result  : pins_t := old;
  begin
    for i in pins_t'range loop
      if strobes(i / 8) = '1' then
        result(i) := write_data(first + i);
      end if;
    end loop;
    return result;
  end function;
begin
  -- ---- decoding

  decode : process (all)
    variable index : natural;
  begin
    write_error <= '0';
    read_data   <= (others => '0');
    for lane in 0 to Lanes - 1 loop
      index := word_of(write_addr) * Lanes + lane;
      if (or write_strb(4 * lane + 3 downto 4 * lane)) = '1' then
        if index >= NumRegs then
          write_error <= '1';
        elsif Writable(index) = '0' then
          write_error <= '1';
        end if;
      end if;
      index := word_of(read_addr) * Lanes + lane;
      if index < NumRegs then
        read_data(32 * lane + 31 downto 32 * lane) <= value(index);
      end if;
    end loop;
    read_error <= '1' when word_of(read_addr) * Lanes >= NumRegs else '0';
  end process;

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
      out_q       <= written(OutReg, out_q);
      direction_q <= written(Direction, direction_q);
      enable_q    <= written(Enable, enable_q);
      changed_q   <= (changed_q and not written(Changed, (pins_t'range => '0'))) or changes;
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

  front : entity work.axil_front
    generic map (
      AddrWidth => AddrWidth,
      DataWidth => DataWidth
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
      write_o        => write,
      write_addr_o   => write_addr,
      write_data_o   => write_data,
      write_strb_o   => write_strb,
      write_error_i  => write_error,
      read_o         => read,
      read_addr_o    => read_addr,
      read_data_i    => read_data,
      read_error_i   => read_error
    );
end architecture;
