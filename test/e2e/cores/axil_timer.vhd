-- SPDX-License-Identifier: Apache-2.0
--
-- axil_timer: counts clock cycles and raises an interrupt when the count reaches a limit. The twin of axil_timer.sv,
-- register by register and cycle by cycle; its manual is there. Sources: axil_front.vhd, then this file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

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
  subtype reg_t is std_logic_vector(31 downto 0);

  constant Control  : natural := 0;
  constant Status   : natural := 1;
  constant Count    : natural := 2;
  constant Compare  : natural := 3;
  constant NumRegs  : natural := 4;
  constant Writable : std_logic_vector(NumRegs - 1 downto 0) := "1111";

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

  signal value                     : regs_t;  -- what each register reads as
  signal count_q, compare_q        : reg_t;
  signal run_q, enable_q, reached_q : std_logic;

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

  -- The strobes that the present write has for a register; 0 if there is no write to it, or one that is refused.
  impure function strobes_of(index : natural) return std_logic_vector is
    constant lane : natural := index mod Lanes;
  begin
    if write = '1' and write_error = '0' and word_of(write_addr) = index / Lanes then
      return write_strb(4 * lane + 3 downto 4 * lane);
    end if;
    return "0000";
  end function;

  -- The register with the bytes of the present write in place.
  impure function written(index : natural; old : reg_t) return reg_t is
    constant first   : natural := 32 * (index mod Lanes);
    constant strobes : std_logic_vector(3 downto 0) := strobes_of(index);
    variable result  : reg_t := old;
  begin
    for i in reg_t'range loop
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
      is_count_written := (or strobes_of(Count)) = '1';
      control_now := written(Control, value(Control));
      cleared     := written(Status, Zero);
      run_q     <= control_now(0);
      enable_q  <= control_now(1);
      compare_q <= written(Compare, compare_q);
      reached_q <= reached_q and not cleared(0);
      if is_count_written then
        count_q <= written(Count, count_q);
      else
        count_q <= counted;
        if run_q = '1' and counted = compare_q then
          reached_q <= '1';
        end if;
      end if;
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
