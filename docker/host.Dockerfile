# The host: the agent and the user's program, nothing else of Trapline. No Node, no compiler, no simulator.
ARG BASE_IMAGE=debian:bookworm-slim
ARG BRIDGE_IMAGE=trapline-bridge

FROM ${BRIDGE_IMAGE} AS trapline

FROM ${BASE_IMAGE}
ARG DEBIAN_MIRROR=
# The user's program, here busybox with its devmem.
COPY docker/install-packages.sh /usr/local/sbin/install-packages
RUN install-packages busybox
# The agent, and what brings it into programs that it can't be preloaded into.
COPY --from=trapline /opt/trapline/build/trap/lib* /opt/trapline/build/trap/trapline-enter \
  /opt/trapline/build/trap/trapline-world /opt/trapline/
# Every program of this container runs under Trapline; which bridge that is, TRAPLINE_BRIDGE and TRAPLINE_RUN_DIR say.
# No launcher looks after that bridge here, so the agent does.
ENV LD_PRELOAD=/opt/trapline/libtrapline.so TRAPLINE_SILENCE_LIMIT=10
USER nobody
CMD ["busybox", "devmem", "0x43c00004", "32"]
