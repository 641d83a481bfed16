-- SPDX-License-Identifier: Apache-2.0
--
-- axil_regs: one register of each common kind. The twin of axil_regs.sv, register by register and cycle by cycle; its
-- manual is there. Sources: axil_front.vhd, then this file.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

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
  subtype reg_t is std_logic_vector(31 downto 0);

  constant Scratch  : natural := 0;
  constant IdReg    : natural := 1;
  constant Status   : natural := 2;
  constant Count    : natural := 3;
  constant PairLo   : natural := 4;
  constant PairHi   : natural := 5;
  constant Trigger  : natural := 6;
  constant NumRegs  : natural := 7;
  constant Writable : std_logic_vector(NumRegs - 1 downto 0) := "1110101";

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

  signal value                          : regs_t;  -- what each register reads as
  signal scratch_q, status_q, count_q   : reg_t;
  signal pair_lo_q, pair_hi_q           : reg_t;

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
      if read = '1' and word_of(read_addr) = Count / Lanes then
        before := (others => '0');
      end if;
      if (or strobes_of(Scratch)) = '1' then
        before := before + 1;
      end if;
      count_q   <= std_logic_vector(before);
      scratch_q <= written(Scratch, scratch_q);
      pair_lo_q <= written(PairLo, pair_lo_q);
      pair_hi_q <= written(PairHi, pair_hi_q);
      status_q  <= (status_q and not written(Status, Zero)) or written(Trigger, Zero);
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
