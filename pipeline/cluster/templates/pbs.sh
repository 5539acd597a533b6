#!/bin/sh
#PBS -N {{.Name}}
{{- if gt .Last 1}}
#PBS -J 1-{{.Last}}{{if .Limit}}%{{.Limit}}{{end}}
{{- end}}
{{- if .Slurm.Account}}
#PBS -A {{.Slurm.Account}}
{{- end}}
{{- if .Slurm.Partition}}
#PBS -q {{.Slurm.Partition}}
{{- end}}
#PBS -l select=1:ncpus={{.Slurm.CPUs}}:mem={{megabytes .Memory}}mb{{if .Slurm.Constraint}}:{{.Slurm.Constraint}}{{end}}
#PBS -l walltime={{hours .Slurm.Time}}
#PBS -r y
#PBS -j oe -o {{option (log .Folder "" (pick (gt .Last 1) "^array_index^" .Only))}}
{{- range .Slurm.Extra}}
#PBS {{.}}
{{- end}}
{{- range .Slurm.Setup}}
{{.}}
{{- end}}
exec {{.Program | quote}} task {{.Submission | quote}} {{.Label}} "${PBS_ARRAY_INDEX:-{{.Only}}}"
