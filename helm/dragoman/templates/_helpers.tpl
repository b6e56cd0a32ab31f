{{- define "dragoman.name" -}}
{{ .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "dragoman.labels" -}}
app.kubernetes.io/name: dragoman
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* (list $root component) */}}
{{- define "dragoman.selector" -}}
app.kubernetes.io/name: dragoman
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- /* The same on one line. */}}
{{- define "dragoman.match" -}}
{{ include "dragoman.selector" . | fromYaml | toJson }}
{{- end }}

{{- /* (list $root image ours?) */}}
{{- define "dragoman.image" -}}
{{- $root := index . 0 }}{{ $image := index . 1 }}{{ $ours := index . 2 }}
{{- $repository := $image.repository }}
{{- if and $ours $root.Values.image.registry }}
{{- $repository = printf "%s/%s" $root.Values.image.registry $repository }}
{{- end }}
{{- $tag := $image.tag }}
{{- if and $ours (not $tag) }}
{{- $tag = $root.Values.image.tag | default $root.Chart.AppVersion }}
{{- end }}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ $tag }}
{{- end }}
{{- end }}

{{- define "dragoman.secret" -}}
{{ .Values.secrets.existing | default (printf "%s-secrets" (include "dragoman.name" .)) }}
{{- end }}

{{- /* Secrets of the user's own: a line each, its name and the keys that the pods need. */}}
{{- define "dragoman.ownSecrets" -}}
{{- with .Values.secrets.existing }}
{{ . }} pepper admin-token redis-url{{ if $.Values.valkey.embedded }} valkey-password{{ end }}{{ if $.Values.test.enabled }} bootstrap-key{{ end }}
{{- end }}
{{- if and .Values.nats.auth.enabled .Values.nats.auth.existingSecret }}
{{ .Values.nats.auth.existingSecret }} edge accounts stt translation tts{{ if .Values.nats.embedded }} operator{{ if gt (int .Values.nats.replicas) 1 }} route{{ end }}{{ end }}
{{- end }}
{{- range tuple (include "dragoman.natsCa" .) .Values.valkey.caSecret | uniq }}
{{- with . }}
{{ . }} ca.crt
{{- end }}
{{- end }}
{{- end }}

{{- define "dragoman.natsSecret" -}}
{{ .Values.nats.auth.existingSecret | default (printf "%s-nats-users" (include "dragoman.name" .)) }}
{{- end }}

{{- define "dragoman.natsUrl" -}}
{{- if .Values.nats.embedded -}}
{{ ternary "tls" "nats" (ne .Values.nats.tlsSecret "") }}://{{ include "dragoman.name" . }}-nats:4222
{{- else -}}
{{ required "nats.url is needed when nats.embedded is false: the addresses of your NATS" .Values.nats.url }}
{{- end -}}
{{- end }}

{{- define "dragoman.natsCa" -}}
{{ .Values.nats.caSecret | default (ternary .Values.nats.tlsSecret "" .Values.nats.embedded) }}
{{- end }}

{{- define "dragoman.natsReplicas" -}}
{{ ternary .Values.nats.replicas .Values.nats.streamReplicas .Values.nats.embedded }}
{{- end }}

{{- define "dragoman.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "dragoman.containerSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "dragoman.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Where a pod runs: (a dict with nodeSelector, tolerations, affinity, priorityClassName) */}}
{{- define "dragoman.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end }}

{{- /* (list $root component) */}}
{{- define "dragoman.spread" -}}
topologySpreadConstraints:
  {{- range tuple "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {{ include "dragoman.match" $ }}}
  {{- end }}
{{- end }}

{{- /* What is wrong with the values, that the schema cannot say. */}}
{{- define "dragoman.check" -}}
{{- if and (not .Values.valkey.embedded) (not .Values.secrets.existing) }}
{{- fail "valkey.embedded is false: name a Secret in secrets.existing whose key redis-url is the address of your Redis" }}
{{- end }}
{{- if and .Values.nats.embedded (not (has (int .Values.nats.replicas) (list 1 3))) }}
{{- fail "nats.replicas must be 1 or 3" }}
{{- end }}
{{- if and (eq .Values.models.volume "claim") (not .Values.models.claimName) (ne .Values.models.source "image") }}
{{- fail "models.volume is claim: name it in models.claimName" }}
{{- end }}
{{- if and (eq .Values.models.source "volume") (ne .Values.models.volume "claim") }}
{{- fail "models.source is volume: set models.volume to claim and name it in models.claimName" }}
{{- end }}
{{- if and .Values.monitoring.podMonitor .Values.monitoring.serviceMonitor }}
{{- fail "monitoring.podMonitor and monitoring.serviceMonitor would count everything twice: choose one" }}
{{- end }}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) }}
{{- fail "gateway.enabled needs gateway.parentRefs: your Gateway" }}
{{- end }}
{{- end }}
