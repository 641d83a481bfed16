# Builds the model process of one verilated design. Called by the bridge:
#
#   make -f hdl/sim/model.mk OBJ_DIR=… RUNTIME_DIR=… PROTO_DIR=… TRACE=0|1 COVERAGE=0|1 OUT=…/model runtime|model
#
# runtime      what is missing in RUNTIME_DIR; the bridge holds its lock meanwhile, so that nobody else builds there
# model        OUT, after that
# OBJ_DIR      what Verilator generated with --Mdir and --prefix Vtrapline_top; the design's objects go there too
# RUNTIME_DIR  what all designs share: the simulation runtime, hdl/sim and the messages. One directory for each
#              Verilator version, TRACE, COVERAGE and content of hdl/sim and proto.
# PROTO_DIR    the folder that holds trapline/v1/*.proto
# VERILATOR    the command that generated OBJ_DIR; the one in PATH if not given
# JOBS         compilers at once; all processors if not given

ifneq ($(words $(OBJ_DIR)) $(words $(RUNTIME_DIR)) $(words $(PROTO_DIR)) $(words $(OUT)),1 1 1 1)
  $(error model.mk needs OBJ_DIR, RUNTIME_DIR, PROTO_DIR and OUT, each a path without spaces)
endif

MAKEFILE := $(abspath $(lastword $(MAKEFILE_LIST)))
SIM_DIR := $(patsubst %/,%,$(dir $(MAKEFILE)))
TRACE ?= 0
COVERAGE ?= 0
JOBS ?= $(shell nproc)
CXX ?= g++
CC ?= gcc
VERILATOR ?= verilator
VERILATOR_ROOT := $(shell $(VERILATOR) --getenv VERILATOR_ROOT)

# Sets VM_CLASSES_*, VM_SUPPORT_* (generated for this design) and VM_GLOBAL_* (the parts of the runtime it needs).
include $(OBJ_DIR)/Vtrapline_top_classes.mk

# Debian 13 moved the headers of nanopb to a folder of their own.
INCLUDES := -I$(SIM_DIR) -I$(RUNTIME_DIR) -I$(PROTO_DIR) -isystem $(VERILATOR_ROOT)/include \
  -isystem $(VERILATOR_ROOT)/include/vltstd -isystem /usr/include/nanopb
DEFINES := -DVM_TRACE=$(TRACE) -DVM_TRACE_FST=$(TRACE) -DVM_TRACE_VCD=0 -DVM_TRACE_SAIF=0 -DVM_COVERAGE=$(COVERAGE) \
  -DVM_SC=0
# The runtime stops and prints through runtime_faults.cc.
REPLACED := -DVL_USER_FATAL -DVL_USER_STOP -DVL_USER_FINISH -DVL_PRINTF=trapline_printf -include $(SIM_DIR)/printing.h
CXXSTD := -std=gnu++17 -faligned-new -pthread
# Delays of the RTL are coroutines (--timing sets VM_TIMING).
CXXSTD_OF_DESIGN := $(if $(filter 1,$(VM_TIMING)),-std=gnu++20 -fcoroutines -faligned-new -pthread,$(CXXSTD))
QUIET_GENERATED := -w
STRICT := -Wall -Wextra

# --- shared by all designs

SIM_SOURCES := $(filter-out design.cc,$(notdir $(wildcard $(SIM_DIR)/*.cc)))
SIM_HEADERS := $(wildcard $(SIM_DIR)/*.h)
MESSAGES := trapline/v1/bus trapline/v1/model
MESSAGE_HEADERS := $(MESSAGES:%=$(RUNTIME_DIR)/%.pb.h)
SIM_OBJECTS := $(SIM_SOURCES:%.cc=$(RUNTIME_DIR)/sim/%.o)
MESSAGE_OBJECTS := $(MESSAGES:%=$(RUNTIME_DIR)/%.pb.o)
VERILATED_OBJECTS := $(patsubst %,$(RUNTIME_DIR)/%.o,$(VM_GLOBAL_FAST) $(VM_GLOBAL_SLOW))
RUNTIME := $(SIM_OBJECTS) $(MESSAGE_OBJECTS) $(VERILATED_OBJECTS)

# --- of this design

GENERATED := $(VM_CLASSES_FAST) $(VM_SUPPORT_FAST) $(VM_CLASSES_SLOW) $(VM_SUPPORT_SLOW)
# A small design compiles fastest as one unit, since each unit parses the same large headers.
SMALL_DESIGN := 16
ifeq ($(shell test $(words $(GENERATED)) -le $(SMALL_DESIGN) && echo yes),yes)
  DESIGN_OBJECTS := $(OBJ_DIR)/whole_design.o
else
  DESIGN_OBJECTS := $(patsubst %,$(OBJ_DIR)/%.o,$(GENERATED)) $(OBJ_DIR)/design.o
endif

# Verilator's --hierarchical: each block is a model of its own, in a folder beside the top's files, which calls it.
BLOCKS := $(patsubst %/,%,$(dir $(wildcard $(OBJ_DIR)/V*/V*_classes.mk)))
objects_of = $(if $(word $(SMALL_DESIGN),$(1)),$(1:.cpp=.o),$(dir $(firstword $(1)))whole_block.o)
BLOCK_OBJECTS := $(foreach block,$(BLOCKS),$(call objects_of,$(wildcard $(block)/*.cpp)))

# Verilator's --threads N, which says it in the generated code alone.
TOPS := $(OBJ_DIR)/Vtrapline_top.cpp $(foreach block,$(BLOCKS),$(block)/$(notdir $(block)).cpp)
THREADS := $(shell sed -n 's/^unsigned V.*::threads() const { return \([0-9]*\); }$$/\1/p' $(TOPS) | sort -n | tail -1)
OF_DESIGN := -I$(OBJ_DIR) -DMODEL_THREADS=$(or $(THREADS),1) -DMODEL_BLOCKS=$(words $(BLOCKS)) \
  -DMODEL_TIMING=$(or $(VM_TIMING),0)

# The user's own C and C++, each included by a unit that the bridge writes there, with its arguments for compiler and
# linker.
NATIVE := $(wildcard $(OBJ_DIR)/native*.c $(OBJ_DIR)/native*.cc)
NATIVE_OBJECTS := $(addsuffix .o,$(NATIVE))
NATIVE_FLAGS := -O2 $(addprefix @,$(wildcard $(OBJ_DIR)/native.flags)) -I$(OBJ_DIR) -isystem $(VERILATOR_ROOT)/include \
  -isystem $(VERILATOR_ROOT)/include/vltstd
NATIVE_LINK := $(addprefix @,$(wildcard $(OBJ_DIR)/native.link))

# Verilator's own list, one on a line; names of folders follow further down, and `first-look` is no library.
VERILATORS_LIBRARIES := /^VM_USER_LDLIBS/,/^$$/s/^[[:space:]]*\(-l[a-z0-9]*\) .*/\1/p
TRACE_LIBRARIES_1 := $(shell sed -n '$(VERILATORS_LIBRARIES)' $(OBJ_DIR)/Vtrapline_top.mk) -lz
# The writer of waveforms that newer Verilators bring leaves one of the compressions to the system's library.
ifneq ($(wildcard $(VERILATOR_ROOT)/include/fstcpp),)
  TRACE_LIBRARIES_1 += -llz4
endif

# What an assertion remembers of the clock edge before (|=>, $past, $rose) is a variable to Verilator, random at
# power-up like any other, and an assertion would fail by it at the first edge. Before that edge there was nothing:
# it is 0.
NO_HISTORY := -e 's/(_Vpast_[0-9_]+ =) VL_(SCOPED_)?RAND_RESET_[IQ]\(.*\);/\1 0;/' \
  -e 's/VL_(SCOPED_)?RAND_RESET_W\(([0-9]+), ([^ ,]*_Vpast_[0-9_]+).*\);/VL_ZERO_W(\2, \3);/'

# A block calls itself by the instance's name and then by its own; to readers of a message (%m) it is one thing. The
# first two are the ways of older Verilators to write it, the others those of newer ones.
AS_INSTANCE = sed -i -E -e 's/%N$(1)\./%N/g' -e 's/%N$(1)([^.[:alnum:]_]|$$)/%S\1/g' \
  -e "s/('M',vlSymsp->name\(\),\")$(1)\./\1/g" -e "s/('M',vlSymsp->name\(\),\")$(1)\"/\1\"/g" $(OBJ_DIR)/V$(1)/*.cpp;

.PHONY: runtime objects model design
.DELETE_ON_ERROR:

runtime:
	@mkdir -p $(RUNTIME_DIR)/sim $(RUNTIME_DIR)/trapline/v1
	@$(MAKE) --no-print-directory -j$(JOBS) -f $(MAKEFILE) objects

model:
	@grep -rl --include=V*.cpp _Vpast_ $(OBJ_DIR) | xargs -r sed -i -E $(NO_HISTORY)
	@$(foreach block,$(BLOCKS),$(call AS_INSTANCE,$(patsubst V%,%,$(notdir $(block)))))
	@$(MAKE) --no-print-directory -j$(JOBS) -f $(MAKEFILE) design

objects: $(RUNTIME)

design: $(OUT)

# No file appears under its name before it is whole: a build that is killed leaves nothing that the next would trust.
define compile
	$(1) -c -o $@.new $(2)
	@mv $@.new $@
endef

$(MESSAGE_HEADERS): $(RUNTIME_DIR)/%.pb.h: $(PROTO_DIR)/%.proto $(PROTO_DIR)/%.options
	@mkdir -p $(@D)/$(*F).new/$(dir $*)
	nanopb_generator.py -q -I $(PROTO_DIR) -D $(@D)/$(*F).new $*.proto
	@mv $(@D)/$(*F).new/$*.pb.c $(RUNTIME_DIR)/$*.pb.c
	@mv $(@D)/$(*F).new/$*.pb.h $@
	@rm -r $(@D)/$(*F).new

$(MESSAGE_OBJECTS): %.pb.o: %.pb.h $(MESSAGE_HEADERS)
	$(call compile,$(CC) -O2 $(INCLUDES),$*.pb.c)

$(SIM_OBJECTS): $(RUNTIME_DIR)/sim/%.o: $(SIM_DIR)/%.cc $(SIM_HEADERS) $(MESSAGE_HEADERS)
	$(call compile,$(CXX) -O2 $(CXXSTD) $(STRICT) $(INCLUDES) $(DEFINES),$<)

# The one part of the runtime that knows coroutines.
$(RUNTIME_DIR)/verilated_timing.o: CXXSTD := -std=gnu++20 -fcoroutines -faligned-new -pthread

$(VERILATED_OBJECTS): $(RUNTIME_DIR)/%.o: $(VERILATOR_ROOT)/include/%.cpp
	$(call compile,$(CXX) -O1 $(CXXSTD) $(QUIET_GENERATED) $(INCLUDES) $(DEFINES) $(REPLACED),$<)

$(OBJ_DIR)/whole_design.cc: $(patsubst %,$(OBJ_DIR)/%.cpp,$(GENERATED)) $(SIM_DIR)/design.cc
	@printf '#include "%s"\n' $(^:$(OBJ_DIR)/%=%) > $@

# What surrounds a small design costs more of its cycle than the design itself, and is soon compiled; of large ones
# the compiler's time counts.
$(OBJ_DIR)/whole_design.o: $(OBJ_DIR)/whole_design.cc $(SIM_HEADERS)
	$(call compile,$(CXX) -O2 $(CXXSTD_OF_DESIGN) $(QUIET_GENERATED) $(OF_DESIGN) $(INCLUDES) $(DEFINES),$<)

$(OBJ_DIR)/design.o: $(SIM_DIR)/design.cc $(SIM_HEADERS)
	$(call compile,$(CXX) -O1 $(CXXSTD_OF_DESIGN) $(QUIET_GENERATED) $(OF_DESIGN) $(INCLUDES) $(DEFINES),$<)

$(OBJ_DIR)/V%.o: $(OBJ_DIR)/V%.cpp
	$(call compile,$(CXX) -O1 $(CXXSTD_OF_DESIGN) $(QUIET_GENERATED) $(OF_DESIGN) $(INCLUDES) $(DEFINES),$<)

$(OBJ_DIR)/V%/whole_block.cc:
	@printf '#include "%s"\n' $(notdir $(wildcard $(@D)/*.cpp)) > $@

$(OBJ_DIR)/V%/whole_block.o: $(OBJ_DIR)/V%/whole_block.cc
	$(call compile,$(CXX) -O1 $(CXXSTD_OF_DESIGN) $(QUIET_GENERATED) $(INCLUDES) $(DEFINES),$<)

$(OBJ_DIR)/native%.c.o: $(OBJ_DIR)/native%.c
	$(call compile,$(CC) $(NATIVE_FLAGS),$<)

$(OBJ_DIR)/native%.cc.o: $(OBJ_DIR)/native%.cc
	$(call compile,$(CXX) $(CXXSTD) $(NATIVE_FLAGS),$<)

$(OUT): $(DESIGN_OBJECTS) $(BLOCK_OBJECTS) $(NATIVE_OBJECTS) $(RUNTIME)
	$(CXX) -pthread -o $@.new $^ $(NATIVE_LINK) -lprotobuf-nanopb $(TRACE_LIBRARIES_$(TRACE))
	@mv $@.new $@
