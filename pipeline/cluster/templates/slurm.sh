#!/bin/sh
#SBATCH --job-name={{.Name}}
{{- if .Indices}}
#SBATCH --array={{.Indices}}{{if .Limit}}%{{.Limit}}{{end}}
{{- end}}
{{- if .Slurm.Account}}
#SBATCH --account={{option .Slurm.Account}}
{{- end}}
{{- if .Slurm.Partition}}
#SBATCH --partition={{option .Slurm.Partition}}
{{- end}}
{{- if .Slurm.QOS}}
#SBATCH --qos={{option .Slurm.QOS}}
{{- end}}
{{- if .Slurm.Constraint}}
#SBATCH --constraint={{option .Slurm.Constraint}}
{{- end}}
#SBATCH --nodes=1 --ntasks=1 --cpus-per-task={{.Slurm.CPUs}}
#SBATCH --time={{clock .Slurm.Time}} --mem={{megabytes .Memory}}M
#SBATCH --signal=B:USR1@{{.Slurm.Grace}}
#SBATCH --requeue --open-mode=append --kill-on-invalid-dep=yes
#SBATCH --chdir={{option .RunDir}}
#SBATCH --output={{option (log .Folder "%%" (pick .Indices "%a" "0"))}}
{{- range .Slurm.Extra}}
#SBATCH {{.}}
{{- end}}
{{- range .Slurm.Setup}}
{{.}}
{{- end}}
exec {{.Program | quote}} task {{.Submission | quote}} {{.Label}} "${SLURM_ARRAY_TASK_ID:-0}"
