# PostgreSQL 13 with chash, ready for CREATE EXTENSION:
#
#   docker compose up --build --detach
#   docker compose exec db psql -U postgres -c 'CREATE EXTENSION chash'
#
# Another major: docker compose build --build-arg PG=17, and a fresh volume or none.
ARG PG=13
FROM postgres:${PG} AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        gcc make libc6-dev libssl-dev libxxhash-dev "postgresql-server-dev-$PG_MAJOR"
COPY . /src
WORKDIR /src
# Installed aside, so that the image below gets the extension and no compiler.
RUN make clean && make with_llvm=no && make with_llvm=no install DESTDIR=/out

FROM postgres:${PG}
COPY --from=build /out /
