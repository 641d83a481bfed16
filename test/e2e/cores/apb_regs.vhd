-- SPDX-License-Identifier: Apache-2.0
--
-- apb_regs: eight registers on APB4, as teams write them in VHDL: names of the specification in upper case, one entity.
-- A write answers at once, a read after one wait. 0x1c can't be written, and what is beyond it is not there: PSLVERR.
--
-- VHDL-2008.

library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity apb_regs is
  generic (
    -- What 0x1c reads as.
    Id : natural := 16#4150_4221#
  );
  port (
    PCLK    : in  std_logic;
    PRESETn : in  std_logic;
    PADDR   : in  std_logic_vector(11 downto 0);
    PSEL    : in  std_logic;
    PENABLE : in  std_logic;
    PWRITE  : in  std_logic;
    PWDATA  : in  std_logic_vector(31 downto 0);
    PSTRB   : in  std_logic_vector(3 downto 0);
    PREADY  : out std_logic;
    PRDATA  : out std_logic_vector(31 downto 0);
    PSLVERR : out std_logic;
    -- High while register 0 is odd.
    IRQ     : out std_logic
  );
end entity;

architecture rtl of apb_regs is
  type registers_t is array (0 to 7) of std_logic_vector(31 downto 0);

  signal registers_q : registers_t;
  signal waited_q    : std_logic;
  signal index       : natural range 0 to 1023;
  signal fails       : boolean;
begin
  index <= to_integer(to_01(unsigned(PADDR(11 downto 2))));
  fails <= index > 7 or (index = 7 and PWRITE = '1');

  PREADY  <= PSEL and PENABLE and (PWRITE or waited_q);
  PSLVERR <= '1' when PREADY = '1' and fails else '0';
  PRDATA  <= registers_q(index) when index < 7 else std_logic_vector(to_unsigned(Id, 32));
  IRQ     <= registers_q(0)(0);

  process (PCLK)
  begin
    if rising_edge(PCLK) then
      waited_q <= PSEL and PENABLE and not PREADY;
      if PRESETn = '0' then
        registers_q <= (others => (others => '0'));
        waited_q    <= '0';
      elsif PREADY = '1' and PWRITE = '1' and not fails then
        for i in PSTRB'range loop
          if PSTRB(i) = '1' then
            registers_q(index)(8 * i + 7 downto 8 * i) <= PWDATA(8 * i + 7 downto 8 * i);
          end if;
        end loop;
      end if;
    end if;
  end process;
end architecture;
