#!/bin/sh
# sbatch this file. When a task was killed or a node is gone, sbatch it again: what has a mark is left alone.
# All nodes see the course, the plan and the submissions under the same paths, and a GRADUS_CACHE that `gradus-labs grade run` has
# filled once, so that no node builds it anew.
#SBATCH --job-name=gradus-@LAB@
#SBATCH --array=0-@LAST@
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --output=@PLAN@/task-%a.txt
#SBATCH --open-mode=append
cd '@COURSE@' || exit 2
exec "${GRADUS_LABS:-gradus-labs}" grade run '@PLAN@' --jobs "${SLURM_CPUS_PER_TASK:-1}"
