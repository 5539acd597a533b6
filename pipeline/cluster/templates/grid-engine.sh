#!/bin/sh
#$ -S /bin/sh
#$ -N {{.Name}}
{{- if .Indices}}
#$ -t 1-{{.Last}}
{{- if .Limit}}
#$ -tc {{.Limit}}
{{- end}}
{{- end}}
{{- if .Slurm.Account}}
#$ -P {{.Slurm.Account}}
{{- end}}
{{- if .Slurm.Partition}}
#$ -q {{.Slurm.Partition}}
{{- end}}
{{- if .Slurm.Constraint}}
#$ -l {{.Slurm.Constraint}}
{{- end}}
{{- if gt .Slurm.CPUs 1}}
#$ -pe smp {{.Slurm.CPUs}}
{{- end}}
#$ -l h_rt={{hours .Slurm.Time}},mem_free={{megabytes .Memory}}M
#$ -r y -notify
#$ -wd {{option .RunDir}}
#$ -j y -o {{option (log .Folder "$" (pick .Indices "$TASK_ID" "0"))}}
{{- range .Slurm.Extra}}
#$ {{.}}
{{- end}}
{{- range .Slurm.Setup}}
{{.}}
{{- end}}
index=${SGE_TASK_ID:-0}
[ "$index" != undefined ] || index=0
exec {{.Program | quote}} task {{.Submission | quote}} {{.Label}} "$index"
