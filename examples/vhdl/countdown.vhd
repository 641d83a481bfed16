-- SPDX-License-Identifier: Apache-2.0
--
-- countdown: counts clock cycles down to 0 and raises an interrupt there. VHDL-2008, on an APB of 32 bits.
--
--   offset  name     access
--   0x0     COUNT    read-write: counts down by 1 in each cycle until it is 0; 0 after reset
--   0x4     STATUS   bit 0 is set when COUNT comes to 0 by counting; writing 1 clears it
--   0x8…    hole     PSLVERR
--
-- irq is bit 0 of STATUS.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity countdown is
  port (
    clk         : in  std_logic;
    rst_n       : in  std_logic;
    apb_paddr   : in  std_logic_vector(11 downto 0);
    apb_psel    : in  std_logic;
    apb_penable : in  std_logic;
    apb_pwrite  : in  std_logic;
    apb_pwdata  : in  std_logic_vector(31 downto 0);
    apb_pready  : out std_logic;
    apb_prdata  : out std_logic_vector(31 downto 0);
    apb_pslverr : out std_logic;
    irq         : out std_logic
  );
end entity;

architecture rtl of countdown is
  constant CountAt  : std_logic_vector(9 downto 0) := 10x"0";
  constant StatusAt : std_logic_vector(9 downto 0) := 10x"1";

  signal count : unsigned(31 downto 0);
  signal done  : std_logic;
  signal word  : std_logic_vector(9 downto 0);
begin
  word        <= apb_paddr(11 downto 2);
  apb_pready  <= '1';
  apb_pslverr <= '0' when word = CountAt or word = StatusAt else '1';
  apb_prdata  <= std_logic_vector(count) when word = CountAt else (0 => done, others => '0');
  irq         <= done;

  registers : process (clk, rst_n)
  begin
    if rst_n = '0' then
      count <= (others => '0');
      done  <= '0';
    elsif rising_edge(clk) then
      if count /= 0 then
        count <= count - 1;
      end if;
      if apb_psel = '1' and apb_penable = '1' and apb_pwrite = '1' then
        if word = CountAt then
          count <= unsigned(apb_pwdata);
        elsif word = StatusAt and apb_pwdata(0) = '1' then
          done <= '0';
        end if;
      end if;
      if count = 1 then
        done <= '1';
      end if;
    end if;
  end process;
end architecture;
