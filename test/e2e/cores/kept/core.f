# names start in the folder of this list
rtl/core.sv // includes offset.vh, which lies beside it
-y lib
dpi/twice.c
dpi/more.cc
