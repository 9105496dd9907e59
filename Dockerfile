# The runtime of the JavaScript tools that bundle GraphiQL.
FROM node:22-bookworm-slim AS node

FROM rust:1.95-slim-bookworm AS build
# aws-lc, the cryptography of rustls, and jemalloc are C; the certificates go into the image.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates gcc libc6-dev libstdc++6 make \
 && rm -rf /var/lib/apt/lists/*
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
WORKDIR /build
COPY . .
# What was compiled stays for the next build; the binary leaves the cache in the same step. Kernels of
# aarch64 may have pages of 64 KiB, which jemalloc wants to know.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/root/.npm \
    --mount=type=cache,target=/build/target \
    if [ "$(uname -m)" = aarch64 ]; then export JEMALLOC_SYS_WITH_LG_PAGE=16; fi \
 && cargo build --locked --profile dist \
 && install -D target/dist/haulgraph /image/usr/local/bin/haulgraph
# The libraries that the binary names, the loader among them, at the places where it looks for them.
RUN ldd /image/usr/local/bin/haulgraph | grep --only-matching '/[^ )]*' | sort --unique \
  | xargs -I '{}' install -D '{}' '/image{}' \
 && install -D --mode=644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && echo 'hosts: files dns' > /image/etc/nsswitch.conf

# No shell, no package manager: the gateway, its libraries and the root certificates.
FROM scratch
COPY --from=build /image /
# A number, so that platforms can see that it is not root.
USER 65532:65532
# Inside a container, loopback is nobody: the port must be open to the container's network.
ENV HAULGRAPH_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["/usr/local/bin/haulgraph", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/haulgraph"]
CMD ["serve"]
