-- SPDX-License-Identifier: Apache-2.0
--
-- axil_front: what a device with registers or memory sees of an AXI4-Lite bus: one write and one read, each in a cycle.
-- The twin of axil_front.sv, cycle by cycle; what it answers is said there.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;

entity axil_front is
  generic (
    AddrWidth : positive := 12;
    -- 8 to 1024, a power of two.
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

    write_o        : out std_logic;
    write_addr_o   : out std_logic_vector(AddrWidth - 1 downto 0);
    write_data_o   : out std_logic_vector(DataWidth - 1 downto 0);
    write_strb_o   : out std_logic_vector(DataWidth / 8 - 1 downto 0);
    write_error_i  : in  std_logic;
    read_o         : out std_logic;
    read_addr_o    : out std_logic_vector(AddrWidth - 1 downto 0);
    read_data_i    : in  std_logic_vector(DataWidth - 1 downto 0);
    read_error_i   : in  std_logic
  );
end entity;

architecture rtl of axil_front is
  constant Okay   : std_logic_vector(1 downto 0) := "00";
  constant Slverr : std_logic_vector(1 downto 0) := "10";

  -- What came first of a write waits here for the other, or for the earlier response to be taken.
  signal aw_held_q, w_held_q : std_logic;
  signal aw_addr_q           : std_logic_vector(AddrWidth - 1 downto 0);
  signal w_data_q            : std_logic_vector(DataWidth - 1 downto 0);
  signal w_strb_q            : std_logic_vector(DataWidth / 8 - 1 downto 0);
begin
  s_axil_awready <= not aw_held_q;
  s_axil_wready  <= not w_held_q;
  write_addr_o   <= aw_addr_q when aw_held_q = '1' else s_axil_awaddr;
  write_data_o   <= w_data_q when w_held_q = '1' else s_axil_wdata;
  write_strb_o   <= w_strb_q when w_held_q = '1' else s_axil_wstrb;
  write_o <= (aw_held_q or s_axil_awvalid) and (w_held_q or s_axil_wvalid) and not s_axil_bvalid;

  write_state : process (clk_i, rst_ni)
  begin
    if rst_ni = '0' then
      aw_held_q     <= '0';
      w_held_q      <= '0';
      s_axil_bvalid <= '0';
      s_axil_bresp  <= Okay;
    elsif rising_edge(clk_i) then
      aw_held_q <= not write_o and (aw_held_q or s_axil_awvalid);
      w_held_q  <= not write_o and (w_held_q or s_axil_wvalid);
      if write_o = '1' then
        s_axil_bresp <= Slverr when write_error_i = '1' else Okay;
      end if;
      s_axil_bvalid <= write_o or (s_axil_bvalid and not s_axil_bready);
    end if;
  end process;

  write_payload : process (clk_i)
  begin
    if rising_edge(clk_i) then
      aw_addr_q <= write_addr_o;
      w_data_q  <= write_data_o;
      w_strb_q  <= write_strb_o;
    end if;
  end process;

  s_axil_arready <= not s_axil_rvalid;
  read_o         <= s_axil_arvalid and s_axil_arready;
  read_addr_o    <= s_axil_araddr;

  read_state : process (clk_i, rst_ni)
  begin
    if rst_ni = '0' then
      s_axil_rvalid <= '0';
      s_axil_rresp  <= Okay;
      s_axil_rdata  <= (others => '0');
    elsif rising_edge(clk_i) then
      if read_o = '1' and read_error_i = '1' then
        s_axil_rresp <= Slverr;
        s_axil_rdata <= (others => '0');
      elsif read_o = '1' then
        s_axil_rresp <= Okay;
        s_axil_rdata <= read_data_i;
      end if;
      s_axil_rvalid <= read_o or (s_axil_rvalid and not s_axil_rready);
    end if;
  end process;
end architecture;
