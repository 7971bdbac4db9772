# The part that `weft`, `weftd` and `weft-cli` share: find a JDK, build what is missing, become the JVM.
#
#   source launch.bash; weft_launch PROGRAM MAIN_CLASS ARGUMENTS...
#   bash launch.bash prepare       marks the build as done and makes the caches; Maven calls it in `package`
#
# Environment (all optional): WEFT_JAVA_HOME (a JDK of 25 or later), WEFT_JAVA_OPTS (options for the JVM, the last word),
# WEFT_NO_BUILD=1 (run what is there, never build), WEFT_NO_CACHE=1 (start without the ahead-of-time cache).

weft_root=${BASH_SOURCE[0]}
[[ $weft_root == */* ]] || weft_root=./$weft_root
weft_root=$(cd -P -- "${weft_root%/*}/../../.." && pwd)
weft_dist=$weft_root/app/target/dist
weft_least=25

weft_fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

# Sets weft_java_home if $1 is a JDK that is new enough.
weft_try_jdk() {
    local line version=
    [[ -x $1/bin/java && -x $1/bin/javac && -r $1/release ]] || return 1
    while IFS= read -r line; do
        if [[ $line == JAVA_VERSION=* ]]; then
            version=${line#JAVA_VERSION=}
            version=${version//\"/}
            version=${version%%[!0-9]*}
        fi
    done <"$1/release"
    [[ -n $version ]] && ((version >= weft_least)) || return 1
    weft_java_home=$1
}

weft_find_jdk() {
    local found dir
    if [[ -n ${WEFT_JAVA_HOME:-} ]]; then
        weft_try_jdk "$WEFT_JAVA_HOME" && return
        weft_fail "Error: WEFT_JAVA_HOME=$WEFT_JAVA_HOME is not a JDK $weft_least or later"
    fi
    [[ -n ${JAVA_HOME:-} ]] && weft_try_jdk "$JAVA_HOME" && return
    if found=$(command -v java); then
        found=$(readlink -f -- "$found" 2>/dev/null || printf '%s' "$found")
        weft_try_jdk "${found%/bin/java}" && return
    fi
    for dir in /usr/lib/jvm/* "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* /opt/* /opt/*/* \
        /usr/java/* /usr/local/*jdk* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
        weft_try_jdk "$dir" && return
    done
    if [[ -x /usr/libexec/java_home ]] && found=$(/usr/libexec/java_home -v "$weft_least+" 2>/dev/null); then
        weft_try_jdk "$found" && return
    fi
    weft_fail "Error: weft needs a JDK $weft_least or later: install one (for example Temurin 25) or set WEFT_JAVA_HOME"
}

# Whether the program is there and no source is younger.
weft_is_built() {
    [[ -e $weft_dist/built ]] || return 1
    [[ -z ${WEFT_NO_BUILD:-} ]] || return 0
    [[ -e $weft_root/pom.xml ]] || return 0
    local newer
    newer=$(find "$weft_root/pom.xml" "$weft_root"/*/pom.xml "$weft_root"/*/src/main \
        -type f -newer "$weft_dist/built" -print -quit 2>/dev/null)
    [[ -z $newer ]]
}

# Runs "$@" while no other process of this project builds.
weft_locked() {
    mkdir -p "$weft_root/app/target"
    if command -v flock >/dev/null; then
        (
            flock 9
            "$@" 9>&-
        ) 9>"$weft_root/app/target/.lock"
    else
        "$@"
    fi
}

# Reads Maven's output; shows which module it is at.
weft_progress() {
    local line
    while IFS= read -r line; do
        if [[ $line =~ ^\[INFO\]\ Building\ (weft[a-z0-9 ]*)\ [0-9.]+\ +\[([0-9]+/[0-9]+)\] ]]; then
            if [[ -t 2 ]]; then
                printf '\r\033[Kweft: building %s %s' "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}" >&2
            fi
        fi
    done
    [[ -t 2 ]] && printf '\r\033[K' >&2
    return 0
}

weft_build() {
    local program=$1 log=$weft_root/app/target/build.log
    weft_is_built && return
    command -v mvn >/dev/null \
        || weft_fail "Error: weft needs Maven 3.8.7 or later to build itself: install it (Debian: apt install maven)"
    local build=(mvn -f "$weft_root/pom.xml" -B -ntp -Dmaven.test.skip=true -pl app -am package)
    if [[ $program == weft ]]; then
        printf 'weft: building, a few minutes the first time (log: %s)\n' "$log" >&2
    fi
    local good=0
    if [[ $program == weft ]]; then
        (cd "$weft_root" && JAVA_HOME=$weft_java_home "${build[@]}" </dev/null 2>&1) | tee "$log" | weft_progress
        good=${PIPESTATUS[0]}
    else
        (cd "$weft_root" && JAVA_HOME=$weft_java_home "${build[@]}" </dev/null >"$log" 2>&1) || good=$?
    fi
    if ((good != 0)); then
        grep -m 5 '^\[ERROR\]' "$log" >&2
        weft_fail "Error: the build failed; all of it is in $log"
    fi
    [[ -e $weft_dist/built ]] || : >"$weft_dist/built"
}

# Sets weft_heap to the megabytes of heap that suffice for the -dbcache among "$@".
weft_size_heap() {
    local option cache=450
    for option in "$@"; do
        [[ $option =~ ^--?dbcache=([0-9]{1,6})$ ]] && cache=$((10#${BASH_REMATCH[1]}))
    done
    weft_heap=$((cache > 450 ? 2048 + cache - 450 : 2048))
}

# Sets weft_command to the JVM and all that every start of PROGRAM has in common.
#
# Why the inlining is bounded: the compiler then takes half the time, which counts on two cores, and nothing is slower;
# bounds that are tighter still cost more in the code than they save in the compiler. Why the young generation has a
# fixed size: blocks under way die in it instead of filling the old one. Why two threads collect: all others wait
# meanwhile, so with one the second core would stand idle.
weft_jvm() {
    local program=$1 jar jars=
    for jar in "$weft_dist"/lib/*.jar; do
        jars=$jars:$jar
    done
    weft_command=("$weft_java_home/bin/java" -Xlog:disable -XX:-UsePerfData --enable-native-access=ALL-UNNAMED
        -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8)
    if [[ ${WEFT_JAVA_OPTS:-} != *-XX:+Use*GC* ]]; then
        if [[ $program == weftd ]]; then
            weft_command+=(-XX:+UseParallelGC -XX:ParallelGCThreads=2 -XX:-UseAdaptiveSizePolicy)
        else
            weft_command+=(-XX:+UseSerialGC)
        fi
    fi
    case $program in
        weft-cli) weft_command+=(-Xmx512m -XX:TieredStopAtLevel=1) ;;
        weftd)
            weft_command+=("-Xmx${weft_heap:-2048}m" -Dsun.net.httpserver.nodelay=true "-Dweft.home=$weft_root"
                -Xmn300m -XX:SurvivorRatio=6
                -XX:MaxInlineLevel=9 -XX:MaxInlineSize=20 -XX:FreqInlineSize=120 -XX:InlineSmallCode=1000)
            ;;
        *) weft_command+=(-Xmx2g -Dsun.net.httpserver.nodelay=true "-Dweft.home=$weft_root") ;;
    esac
    weft_command+=(-cp "${jars#:}")
}

# The cache belongs to one JVM and one set of jars: its name says which JVM, its age which jars.
weft_cache() {
    local java=${weft_java_home//[!A-Za-z0-9.]/_}
    weft_cache_file=$weft_dist/cache/$java-$1.aot
}

# Becomes one program that runs once and keeps what the JVM has learned. Call it in a subshell.
weft_train() {
    local program=$1
    shift
    weft_jvm "$program"
    weft_cache "$program"
    rm -f "$weft_cache_file"
    exec "${weft_command[@]}" "-XX:AOTCacheOutput=$weft_cache_file" "$@" </dev/null >/dev/null 2>&1
}

# Waits up to $2 seconds for the end of our child $1.
weft_wait() {
    local tenths
    for ((tenths = $2 * 10; tenths > 0; tenths--)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    return 1
}

# A node of its own on regtest and a client that asks it; what fails here only costs speed.
weft_make_caches() {
    local data node tenths
    data=$(mktemp -d "${TMPDIR:-/tmp}/weft-train.XXXXXX") || return 0
    mkdir -p "$weft_dist/cache"
    local regtest=(-regtest "-datadir=$data" "-rpcport=$((20000 + RANDOM % 20000))")
    weft_train weftd weft.app.Weftd "${regtest[@]}" -listen=0 -dnsseed=0 &
    node=$!
    for ((tenths = 0; tenths < 200; tenths++)); do
        [[ ! -e $data/regtest/.cookie ]] && kill -0 "$node" 2>/dev/null || break
        sleep 0.1
    done
    if [[ -e $data/regtest/.cookie ]]; then
        (weft_train weft-cli weft.app.WeftCli "${regtest[@]}" getblockchaininfo)
        weft_jvm weft-cli
        "${weft_command[@]}" weft.app.WeftCli "${regtest[@]}" stop </dev/null >/dev/null 2>&1
    fi
    weft_wait "$node" 30 || kill "$node" 2>/dev/null
    weft_wait "$node" 10 || kill -KILL "$node" 2>/dev/null
    wait "$node" 2>/dev/null
    (weft_train weft weft.app.Weft --help)
    rm -rf "$data"
    return 0
}

# Whether the caches are there and no jar is younger.
weft_caches_are_fresh() {
    weft_cache weftd
    [[ -e $weft_cache_file ]] || return 1
    [[ -z $(find "$weft_dist/lib" -newer "$weft_cache_file" -name '*.jar' -print -quit) ]]
}

weft_prepare() {
    if [[ -z ${WEFT_NO_CACHE:-} ]] && (weft_find_jdk) 2>/dev/null; then
        weft_find_jdk
        weft_caches_are_fresh || weft_make_caches
    fi
    : >"$weft_dist/built"
}

weft_launch() {
    local program=$1 main=$2
    shift 2
    weft_find_jdk
    if ! weft_is_built; then
        if [[ -n ${WEFT_NO_BUILD:-} ]]; then
            weft_fail "Error: weft is not built, and WEFT_NO_BUILD is set: run mvn package"
        fi
        weft_locked weft_build "$program" || exit 1
    fi
    weft_size_heap "$@"
    weft_jvm "$program"
    weft_cache weftd
    # The village starts nodes of its own: they may use the cache of weftd.
    if [[ $program == weft && -z ${WEFT_NO_CACHE:-} && -e $weft_cache_file ]]; then
        weft_command+=("-Dweft.cache=$weft_cache_file")
    fi
    weft_cache "$program"
    if [[ -z ${WEFT_NO_CACHE:-} && -e $weft_cache_file ]]; then
        weft_command+=("-XX:AOTCache=$weft_cache_file" -XX:AOTMode=auto)
    fi
    # shellcheck disable=SC2086 # options are separated by blanks
    exec "${weft_command[@]}" ${WEFT_JAVA_OPTS:-} "$main" "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" && ${1:-} == prepare ]]; then
    weft_prepare
fi
