#!/bin/sh
# A class is marked by a real Slurm on this machine: an array job of 8 shards, one task of which is killed in the middle, and the same
# job again. The merged gradebook must be that of a run on one machine, byte for byte in the exported CSV.
#
#     apt-get install slurm-wlm munge
#     cargo build --release -p gradus-labs
#     sh tests/grading_slurm.sh [200] [target/release/gradus-labs]        # as root
#
# Slurm and munge get a folder, ports and keys of their own, and are ended with the script.
set -eu
cd "$(dirname "$0")/.."
many=${1:-200}
labs=$(realpath "${2:-target/release/gradus-labs}")
for program in slurmctld slurmd munged sbatch python3; do
    command -v "$program" >/dev/null || {
        echo "there is no $program: apt-get install slurm-wlm munge" >&2
        exit 2
    }
done
[ "$(id -u)" = 0 ] || {
    echo "slurmd wants to be root" >&2
    exit 2
}

here=$(mktemp -d)
chmod 755 "$here"
started=
end() {
    # Tasks outlive the daemons.
    if [ -n "$(squeue --noheader 2>/dev/null)" ]; then
        scancel --user="$(id -un)" 2>/dev/null || true
        tries=0
        while [ -n "$(squeue --noheader 2>/dev/null)" ] && [ "$tries" -lt 60 ]; do
            tries=$((tries + 1))
            sleep 0.5
        done
    fi
    for process in $started; do
        kill "$process" 2>/dev/null || true
    done
    wait
    rm -rf "$here"
}
trap end EXIT
trap 'exit 130' INT TERM

# munge: whom the parts of Slurm believe.
mkdir -p "$here/munge" "$here/state" "$here/spool"
dd if=/dev/urandom of="$here/munge/key" bs=1024 count=1 2>/dev/null
chmod 700 "$here/munge"
chmod 400 "$here/munge/key"
# Its socket must be reached, its folder need not be.
chmod 711 "$here/munge"
munged --foreground --force --key-file "$here/munge/key" --socket "$here/munge/socket" --pid-file "$here/munge/pid" \
    --log-file "$here/munge/log" --seed-file "$here/munge/seed" >/dev/null 2>&1 &
started="$!"

node=$(hostname -s)
cat >"$here/slurm.conf" <<EOF
ClusterName=gradus
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$here/munge/socket
CredType=cred/munge
StateSaveLocation=$here/state
SlurmdSpoolDir=$here/spool
SlurmctldPidFile=$here/slurmctld.pid
SlurmdPidFile=$here/slurmd.pid
SlurmctldLogFile=$here/slurmctld.log
SlurmdLogFile=$here/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
JobRequeue=1
CommunicationParameters=NoInAddrAny
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
# Nothing of Slurm uses them here, but slurmd asks which there are.
echo "CgroupPlugin=cgroup/v1" >"$here/cgroup.conf"
export SLURM_CONF="$here/slurm.conf"
slurmctld -D >/dev/null 2>&1 &
started="$started $!"
slurmd -D >/dev/null 2>&1 &
started="$started $!"
tries=0
until [ "$(sinfo --noheader --format=%t 2>/dev/null)" = idle ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || {
        echo "Slurm does not get ready:" >&2
        tail -n 5 "$here"/*.log >&2
        exit 1
    }
    sleep 0.5
done
echo "Slurm is ready: $(sinfo --noheader --format='%n %c processors')"

python3 tests/grading_class.py "$here/class" "$many"
begun=$(date +%s)
"$labs" grade "$here/class" --lab lab2 --seed 7 --out "$here/alone" >"$here/alone.txt" 2>&1 || [ $? = 1 ]
echo "on one machine: $many submissions in $(($(date +%s) - begun)) s"
"$labs" grades --csv --from "$here/alone" >"$here/alone.csv"

"$labs" grade plan "$here/class" --lab lab2 --shards 8 --seed 7 --out "$here/plan"
"$labs" grade emit slurm "$here/plan" >"$here/job.sh"
export GRADUS_LABS="$labs"

# Waits until no task is left.
finish() {
    while [ -n "$(squeue --noheader 2>/dev/null)" ]; do
        sleep 1
    done
}
marks() {
    find "$here/plan" -name '*.json' ! -name plan.json | wc -l
}

begun=$(date +%s)
sbatch --quiet "$here/job.sh"
# In the middle: some marks are there, and the first tasks still run.
until [ "$(marks)" -ge $((many / 10 + 1)) ]; do
    sleep 0.2
done
pid=$(scontrol listpids 2>/dev/null | awk '$1 > 1 { print $1 }' | while read -r process; do
    case $(cat "/proc/$process/comm" 2>/dev/null) in gradus-labs*) echo "$process" && break ;; esac
done)
[ -n "$pid" ] || {
    echo "no task runs that could be killed" >&2
    exit 1
}
kill -9 "$pid"
echo "killed a task after $(marks) marks"
finish
after=$(marks)
if "$labs" grade merge "$here/plan" --out "$here/torn" >"$here/torn.txt" 2>&1; then
    echo "a class with a killed task must not pass for whole" >&2
    exit 1
fi
echo "all other tasks have ended: $after marks; merging says: $(head -n 1 "$here/torn.txt")"
sbatch --quiet "$here/job.sh"
finish
echo "the same job again: $(marks) marks, $(($(date +%s) - begun)) s in all"
"$labs" grade merge "$here/plan" --out "$here/merged" >"$here/merged.txt" 2>&1 || [ $? = 1 ]
"$labs" grades --csv --from "$here/merged" >"$here/merged.csv"
cmp "$here/alone.csv" "$here/merged.csv"
echo "the gradebooks of Slurm and of one machine are the same: $(($(wc -l <"$here/merged.csv") - 1)) students"
