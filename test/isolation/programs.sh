#!/bin/bash
# Builds pg_isolation_regress and isolationtester for a server whose package does not have them
# (Debian's has, from 14 on), from Debian's source package of that server, and puts them where newer
# packages do. Takes the server's development files; runs as root in a root of roots.sh, for matrix.sh.
#
#   test/isolation/programs.sh VERSION
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

version=$1
config() { "/usr/lib/postgresql/$version/bin/pg_config" "$1"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# get: the source, from where the root itself has come from. apt's lists, which the root does not
# keep, stay here as well.
get() {
    local apt
    mkdir -p lists/partial
    sed -n 's/^deb \(.*\)/&\ndeb-src \1/p' /etc/apt/sources.list >sources.list
    apt=(apt-get -q -y -o Dir::State::Lists="$work/lists" -o Dir::Etc::SourceList="$work/sources.list"
        -o Dir::Etc::SourceParts=/dev/null -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root
        -o DPkg::Options::=--force-unsafe-io)
    "${apt[@]}" update
    command -v bzip2 >/dev/null || "${apt[@]}" install --no-install-recommends bzip2
    "${apt[@]}" source --download-only "postgresql-$version"
    tar -xf postgresql-*.orig.tar.* --strip-components=3 --wildcards \
        '*/src/test/isolation/*.[ch]' '*/src/test/regress/pg_regress.[ch]'
}

# compile NAME FILE... -- LIBRARY...: as PostgreSQL's own makefiles do. What configure would find out is
# in the headers and libraries of the package.
compile() {
    local name=$1 files=()
    shift
    while [ "$1" != -- ]; do
        files+=("$1")
        shift
    done
    # shellcheck disable=SC2046 # flags without quotes
    gcc $(config --cppflags) $(config --cflags) -I. -Iregress -Iisolation -I"$(config --includedir-server)" \
        -I"$(config --includedir)" -I"$(config --pkgincludedir)/internal" \
        -DHOST_TUPLE="\"$(gcc -dumpmachine)\"" -DSHELLPROG='"/bin/sh"' -DDLSUFFIX='".so"' \
        -DPGBINDIR="\"$(config --bindir)\"" -DLIBDIR="\"$(config --libdir)\"" \
        -DPKGLIBDIR="\"$(config --pkglibdir)\"" -DPGSHAREDIR="\"$(config --sharedir)\"" \
        "${files[@]}" -o "$name" -L"$(config --libdir)" -L"$(config --pkglibdir)" \
        "${@:2}" -lpgcommon -lpgport -lpthread -lm
}

get
: >pg_config_paths.h # a file of the build with the paths above
compile isolationtester isolation/{isolationtester,specparse}.c -- -lpq
compile pg_isolation_regress isolation/isolation_main.c regress/pg_regress.c --
into=$(dirname "$(config --pgxs)")/../test/isolation
mkdir -p "$into"
install isolationtester pg_isolation_regress "$into"
