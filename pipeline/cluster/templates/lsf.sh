#!/bin/sh
#BSUB -J "{{.Name}}{{if .Indices}}[1-{{.Last}}]{{if .Limit}}%{{.Limit}}{{end}}{{end}}"
{{- if .Slurm.Account}}
#BSUB -P {{.Slurm.Account}}
{{- end}}
{{- if .Slurm.Partition}}
#BSUB -q "{{.Slurm.Partition}}"
{{- end}}
{{- if .Slurm.Constraint}}
#BSUB -R "select[{{.Slurm.Constraint}}]"
{{- end}}
#BSUB -n {{.Slurm.CPUs}} -R "span[hosts=1] rusage[mem={{megabytes .Memory}}MB]" -M {{megabytes .Memory}}MB
#BSUB -W {{minutes .Slurm.Time}}
#BSUB -r -Q "75"
#BSUB -cwd {{option .RunDir}}
#BSUB -o {{option (log .Folder "%%" (pick .Indices "%I" "0"))}}
{{- range .Slurm.Extra}}
#BSUB {{.}}
{{- end}}
{{- range .Slurm.Setup}}
{{.}}
{{- end}}
exec {{.Program | quote}} task {{.Submission | quote}} {{.Label}} "${LSB_JOBINDEX:-0}"
