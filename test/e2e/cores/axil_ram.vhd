-- SPDX-License-Identifier: Apache-2.0
--
-- axil_ram: Depth bus words of memory with byte strobes. The twin of axil_ram.sv, whose manual is there; at power-up it
-- holds 0. Sources: axil_front.vhd, then this file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity axil_ram is
  generic (
    -- 6 to 32.
    AddrWidth : positive := 12;
    -- 8 to 1024, a power of two.
    DataWidth : positive := 32;
    -- Words, at least 1.
    Depth     : positive := 1024
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

architecture rtl of axil_ram is
  constant WordBytes : positive := DataWidth / 8;

  type memory_t is array (0 to Depth - 1) of std_logic_vector(DataWidth - 1 downto 0);

  signal memory_q : memory_t := (others => (others => '0'));

  signal write, write_error, read, read_error : std_logic;
  signal write_addr, read_addr                : std_logic_vector(AddrWidth - 1 downto 0);
  signal write_data, read_data                : std_logic_vector(DataWidth - 1 downto 0);
  signal write_strb                           : std_logic_vector(WordBytes - 1 downto 0);

  -- The number of the bus word, at most Depth, so that no address is too large for an integer. An idle bus may show
  -- anything, also what is no number.
  function word_of(address : std_logic_vector) return natural is
    constant word : unsigned(AddrWidth - 1 downto 0) := to_01(unsigned(address)) / WordBytes;
  begin
    if word >= Depth then
      return Depth;
    end if;
    return to_integer(word);
  end function;
begin
  -- ---- the memory

  write_error <= '1' when word_of(write_addr) = Depth and (or write_strb) = '1' else '0';
  read_error  <= '1' when word_of(read_addr) = Depth else '0';
  read_data   <= (others => '0') when word_of(read_addr) = Depth else memory_q(word_of(read_addr));

  memory : process (clk_i)
  begin
    if rising_edge(clk_i) then
      for i in write_strb'range loop
        if write = '1' and write_error = '0' and write_strb(i) = '1' then
          memory_q(word_of(write_addr))(8 * i + 7 downto 8 * i) <= write_data(8 * i + 7 downto 8 * i);
        end if;
      end loop;
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
