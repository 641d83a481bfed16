# Builds the C half of the kit, a shared library that any simulator with DPI-C loads:
#
#   make -f hdl/kit/kit.mk SVDPI=… OUT=…/libtrapline_kit.so
#
# SVDPI        the folder of the simulator that has svdpi.h (IEEE 1800, annex I)
# OUT          the library; what it is made of goes beside it, into a folder OUT.parts
#
# It needs g++, nanopb and protoc (Debian: g++ nanopb protobuf-compiler libnanopb-dev) at build time alone.

ifneq ($(words $(SVDPI)) $(words $(OUT)),1 1)
  $(error kit.mk needs SVDPI and OUT, each a path without spaces)
endif
ifeq ($(wildcard $(SVDPI)/svdpi.h),)
  $(error there is no svdpi.h in $(SVDPI))
endif

KIT_DIR := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
SIM_DIR := $(abspath $(KIT_DIR)/../sim)
PROTO_DIR := $(abspath $(KIT_DIR)/../../proto)
PARTS := $(OUT).parts
CXX ?= g++
CC ?= gcc

# What calls Verilator's runtime, or stands where it would.
OF_VERILATOR := design.cc main.cc model.cc runtime_faults.cc waveform.cc
SOURCES := $(filter-out $(OF_VERILATOR),$(notdir $(wildcard $(SIM_DIR)/*.cc) $(wildcard $(KIT_DIR)/*.cc)))
HEADERS := $(wildcard $(SIM_DIR)/*.h $(KIT_DIR)/*.h)
MESSAGES := trapline/v1/bus trapline/v1/model
MESSAGE_HEADERS := $(MESSAGES:%=$(PARTS)/%.pb.h)
OBJECTS := $(SOURCES:%.cc=$(PARTS)/%.o) $(MESSAGES:%=$(PARTS)/%.pb.o)
# Debian 13 moved the headers of nanopb to a folder of their own.
INCLUDES := -I$(KIT_DIR) -I$(SIM_DIR) -I$(PARTS) -I$(PROTO_DIR) -isystem $(SVDPI) -isystem /usr/include/nanopb

vpath %.cc $(SIM_DIR) $(KIT_DIR)
.DELETE_ON_ERROR:
.SECONDARY: $(MESSAGE_HEADERS)

$(OUT): $(OBJECTS)
	$(CXX) -shared -pthread -Wl,-z,defs -o $@ $^ -lprotobuf-nanopb

$(PARTS)/%.pb.h: $(PROTO_DIR)/%.proto $(PROTO_DIR)/%.options
	@mkdir -p $(@D)
	nanopb_generator.py -q -I $(PROTO_DIR) -D $(PARTS) $*.proto

$(PARTS)/%.pb.o: $(MESSAGE_HEADERS)
	$(CC) -O2 -fPIC $(INCLUDES) -c -o $@ $(PARTS)/$*.pb.c

$(PARTS)/%.o: %.cc $(HEADERS) $(MESSAGE_HEADERS)
	$(CXX) -O2 -fPIC -std=gnu++17 -pthread -Wall -Wextra $(INCLUDES) -c -o $@ $<
