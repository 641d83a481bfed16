# The bridge: Verilator, a compiler, Node and Trapline as it was built here. Also runs whole regressions.
# Mirrors are arguments, so that the image can be built where the usual places can't be reached.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS tools
ARG DEBIAN_MIRROR=
COPY docker/install-packages.sh /usr/local/sbin/install-packages
COPY bridge/setup/packages.json bridge/setup/list-packages.mjs /usr/local/lib/trapline-packages/
# What models are built with, and what names functions and source lines; busybox and memtool are programs to begin with.
RUN install-packages $(node /usr/local/lib/trapline-packages/list-packages.mjs models waveforms lines programs)

FROM tools AS build
ARG NPM_REGISTRY=
RUN install-packages $(node /usr/local/lib/trapline-packages/list-packages.mjs agent)
WORKDIR /opt/trapline
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund ${NPM_REGISTRY:+--registry=${NPM_REGISTRY}}
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund \
  && find build/trap -mindepth 1 ! -name 'lib*.so*' ! -name trapline-keeper ! -name trapline-tool-keeper \
    ! -name trapline-reaper ! -name trapline-enter ! -name trapline-world ! -name outlet.node -delete

FROM tools
COPY --from=build /opt/trapline /opt/trapline
RUN ln -s /opt/trapline/build/bridge/main.js /usr/local/bin/trapline && chmod +x /opt/trapline/build/bridge/main.js && \
    mkdir -m 1777 /cache
ENV TRAPLINE_CACHE=/cache HOME=/tmp
WORKDIR /project
USER nobody
ENTRYPOINT []
CMD ["trapline", "serve"]
