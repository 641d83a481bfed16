-- SPDX-License-Identifier: Apache-2.0
--
-- axil_registers: what devices with registers of 32 bits have in common behind axil_front: which register an address
-- is, which bytes of it a write has, and what is refused. A bus word holds one register, or two. A read of a word that
-- has no register is an error; so is a write that has a byte for no register, or for one that is not writable.
--
-- VHDL-2008. Sources: axil_front.vhd, then this file.

library ieee;
use ieee.std_logic_1164.all;

package axil_register_types is
  subtype reg_t is std_logic_vector(31 downto 0);
  subtype reg_strb_t is std_logic_vector(3 downto 0);

  type regs_t is array (natural range <>) of reg_t;

  -- A write, as one register sees it; without strobes if there is none to it, or one that is refused.
  type reg_write_t is record
    data : reg_t;
    strb : reg_strb_t;
  end record;
  type reg_writes_t is array (natural range <>) of reg_write_t;

  -- The lowest bits of a register, with the bytes of a write in place.
  function written(write : reg_write_t; old : std_logic_vector) return std_logic_vector;
end package;

package body axil_register_types is
  function written(write : reg_write_t; old : std_logic_vector) return std_logic_vector is
    variable result : std_logic_vector(old'length - 1 downto 0) := old;
  begin
    for i in result'range loop
      if write.strb(i / 8) = '1' then
        result(i) := write.data(i);
      end if;
    end loop;
    return result;
  end function;
end package body;

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.axil_register_types.all;

entity axil_registers is
  generic (
    -- 6 to 32.
    AddrWidth : positive := 12;
    -- 32 or 64.
    DataWidth : positive := 32;
    NumRegs   : positive;
    -- A bit for each register.
    Writable  : std_logic_vector
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

    -- What each register reads as.
    values_i       : in  regs_t(0 to NumRegs - 1);
    writes_o       : out reg_writes_t(0 to NumRegs - 1);
    -- High for each register in the word that is being read.
    reads_o        : out std_logic_vector(0 to NumRegs - 1)
  );
end entity;

architecture rtl of axil_registers is
  constant Lanes    : positive := DataWidth / 32;
  -- Of an address, those that count the bytes of a word.
  constant WordBits : positive := Lanes + 1;
  -- Bus words whose number is not below this have no register.
  constant NumWords : positive := (NumRegs + Lanes - 1) / Lanes;

  signal write, write_error, read, read_error : std_logic;
  signal write_addr, read_addr                : std_logic_vector(AddrWidth - 1 downto 0);
  signal write_data, read_data                : std_logic_vector(DataWidth - 1 downto 0);
  signal write_strb                           : std_logic_vector(DataWidth / 8 - 1 downto 0);
  signal write_word, read_word                : natural range 0 to NumWords;

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
begin
  write_word <= word_of(write_addr);
  read_word  <= word_of(read_addr);

  decode : process (all)
    variable index : natural;
  begin
    write_error <= '0';
    read_data   <= (others => '0');
    for lane in 0 to Lanes - 1 loop
      index := write_word * Lanes + lane;
      if (or write_strb(4 * lane + 3 downto 4 * lane)) = '1' then
        if index >= NumRegs then
          write_error <= '1';
        elsif Writable(index) = '0' then
          write_error <= '1';
        end if;
      end if;
      index := read_word * Lanes + lane;
      if index < NumRegs then
        read_data(32 * lane + 31 downto 32 * lane) <= values_i(index);
      end if;
    end loop;
    read_error <= '1' when read_word = NumWords else '0';
  end process;

  each : for index in 0 to NumRegs - 1 generate
    constant Lane : natural := index mod Lanes;
  begin
    writes_o(index).data <= write_data(32 * Lane + 31 downto 32 * Lane);
    writes_o(index).strb <= write_strb(4 * Lane + 3 downto 4 * Lane)
                            when write = '1' and write_error = '0' and write_word = index / Lanes else "0000";
    reads_o(index)       <= '1' when read = '1' and read_word = index / Lanes else '0';
  end generate;

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
