#!/usr/bin/env bash
# The one test command: installs what is missing (as root, with apt), builds, and runs everything on SQLite and on PostgreSQL.
#   tests/run.sh [--only build|sqlite|postgres|browser|package] [--filter NAMESPACE] [--keep] [--allow-missing]
# Ends with one line "N passed, N failed, N skipped". Exit: 0 all passed, 1 failures, 2 parts could not run here.
set -uo pipefail
cd "$(dirname "$0")/.."

only="" filter="" keep="" allow_missing=""
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only=$2; shift 2 ;;
    --filter) filter=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    --allow-missing) allow_missing=1; shift ;;
    *) echo "unknown option $1"; exit 64 ;;
  esac
done

limit_seconds=1500
started=$SECONDS
results=tests/results
rm -rf "$results"; mkdir -p "$results"
passed=0 failed=0 skipped=0 missing=""
table=""
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export KITA_SEED=${KITA_SEED:-}

say() { printf '\n== %s\n' "$*"; }
wants() { [ -z "$only" ] || [ "$only" = "$1" ]; }
row() { table+=$(printf '%-10s %7s %7s %8s %6ss' "$1" "$2" "$3" "$4" "$5")$'\n'; }

# ---- prepare
install() {
  [ $# -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $*"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$results/apt.log" 2>&1 || { echo "apt could not install $*"; tail -3 "$results/apt.log"; }
  fi
}
pg_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
need=()
[ -n "$(pg_bin)" ] || need+=(postgresql)
command -v chromium >/dev/null || need+=(chromium)
[ ${#need[@]} = 0 ] || install "${need[@]}"
# Japanese letters in screenshots; their absence fails no test.
fc-list 2>/dev/null | grep -qi "noto.*cjk" || install fonts-noto-cjk

free_port() { python3 -c 'import socket;s=socket.socket();s.bind(("127.0.0.1",0));print(s.getsockname()[1])' 2>/dev/null || node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

# Databases and data folders of tests lie in memory where there is room: what they wait for otherwise is the disk.
work=""
if [ -d /dev/shm ] && [ -w /dev/shm ] && [ "$(df -Pm /dev/shm | awk 'NR==2 {print $4}')" -ge 6000 ]; then
  work=$(mktemp -d /dev/shm/kita-tests-XXXXXX)
  chmod 755 "$work"
fi

pg_data=""
cleanup() {
  if [ -n "$keep" ]; then echo "kept: $work $pg_data"; return; fi
  if [ -n "$pg_data" ]; then
    as_pg "$(pg_bin)/pg_ctl" -D "$pg_data" -m immediate stop >/dev/null 2>&1
    rm -rf "$pg_data"
  fi
  [ -z "$work" ] || rm -rf "$work"
}
trap cleanup EXIT
as_pg() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

start_postgres() {
  local bin port
  bin=$(pg_bin)
  [ -n "$bin" ] || return 1
  pg_data=$(mktemp -d "${work:-/tmp}/kita-pg-XXXXXX")
  [ "$(id -u)" = 0 ] && chown postgres "$pg_data"
  port=$(free_port)
  as_pg "$bin/initdb" -D "$pg_data" -U kita --auth=trust -E UTF8 --locale=C.UTF-8 >"$results/initdb.log" 2>&1 || return 1
  as_pg "$bin/pg_ctl" -D "$pg_data" -w -l "$pg_data/server.log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$pg_data -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400" start >/dev/null || return 1
  export KITA_TEST_PG="Host=127.0.0.1;Port=$port;Username=kita;Database=postgres"
}

# ---- build
if ! (
  say "build"
  restore=""; [ -n "${CI:-}" ] && restore="--locked-mode"
  dotnet restore KitaPortal.sln $restore -v q &&
  dotnet build KitaPortal.sln --no-restore -v q -warnaserror &&
  (cd src/KitaPortal && npm run --silent check) &&
  dotnet format KitaPortal.sln --no-restore --verify-no-changes --exclude src/KitaPortal/Data/Migrations -v q &&
  dotnet tool restore >/dev/null &&
  for provider in Sqlite Postgres; do
    (cd src/KitaPortal && dotnet ef migrations has-pending-model-changes --no-build --context ${provider}PortalDb) || exit 1
  done
); then
  echo "build failed"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
row build - - - $((SECONDS - started))

# ---- suites
run_suite() { # stage, project, environment …
  local stage=$1 project=$2 begun=$SECONDS log="$results/$1.log" total f s
  shift 2
  say "$stage"
  env ${work:+TMPDIR="$work"} "$@" dotnet "tests/$project/bin/Debug/net10.0/$project.dll" -noColor -noLogo -result-trx "$results/$stage.trx" ${filter:+-namespace "$filter"} >"$log" 2>&1
  local code=$?
  grep -E "\[(FAIL|SKIP)\]" -A 12 "$log" | cut -c1-300 | head -400
  local summary
  summary=$(grep -E "Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+" "$log" | tail -1)
  total=$(sed -E 's/.*Total: ([0-9]+).*/\1/' <<<"$summary"); s=$(sed -E 's/.*Skipped: ([0-9]+).*/\1/' <<<"$summary")
  f=$(sed -E 's/.*Errors: ([0-9]+), Failed: ([0-9]+).*/\1 \2/' <<<"$summary" | awk '{print $1+$2}')
  if [ -z "$summary" ]; then echo "$stage ended without a summary (exit $code)"; tail -20 "$log"; failed=$((failed + 1)); row "$stage" 0 1 0 $((SECONDS - begun)); return; fi
  passed=$((passed + total - f - s)); failed=$((failed + f)); skipped=$((skipped + s))
  row "$stage" $((total - f - s)) "$f" "$s" $((SECONDS - begun))
  grep -E "\[SKIP\]" -A 1 "$log" | grep -v -- "^--" | cut -c1-200 | sed 's/^/skipped: /'
}

if wants sqlite; then run_suite sqlite KitaPortal.Tests KITA_TEST_DB=sqlite; fi
if wants postgres; then
  if start_postgres; then run_suite postgres KitaPortal.Tests KITA_TEST_DB=postgres "KITA_TEST_PG=$KITA_TEST_PG"
  else missing+=" postgresql"; echo "PostgreSQL is missing: the suite did not run on it."; fi
fi
if wants browser && [ -f tests/KitaPortal.BrowserTests/KitaPortal.BrowserTests.csproj ]; then
  if command -v chromium >/dev/null; then run_suite browser KitaPortal.BrowserTests KITA_RESULTS="$PWD/$results"
  else missing+=" chromium"; echo "chromium is missing: the browser stories did not run."; fi
fi

# ---- end
took=$((SECONDS - started))
printf '\n%-10s %7s %7s %8s %7s\n%s%-10s %7s %7s %8s %6ss\n' stage passed failed skipped time "$table" total "$passed" "$failed" "$skipped" "$took"
if [ "$took" -gt "$limit_seconds" ]; then echo "over the limit of $((limit_seconds / 60)) minutes"; failed=$((failed + 1)); fi
[ -z "$missing" ] || echo "not run, missing here:$missing"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] || exit 1
[ -z "$missing" ] || [ -n "$allow_missing" ] || exit 2
exit 0
