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
{{- /* A bare name leads to a public hub, where anybody may own it. */}}
{{- $host := first (splitList "/" $repository) }}
{{- $named := or (contains "." $host) (contains ":" $host) (eq $host "localhost") }}
{{- if and $ours (not $named) (ne $root.Values.image.pullPolicy "Never") }}
{{- fail (printf "%s has no registry. Dragoman's images are published nowhere; make your own:\n  make push REGISTRY=registry.example.com/team\nand set image.registry=registry.example.com/team. Where the images are on the nodes already (make images), set image.pullPolicy=Never. See docs/first-day.md" $repository) }}
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
{{ . }} pepper admin-token archive-key redis-url{{ if $.Values.valkey.embedded }} valkey-password{{ end }}{{ if $.Values.test.enabled }} bootstrap-key{{ end }}
{{- end }}
{{- if and .Values.nats.auth.enabled .Values.nats.auth.existingSecret }}
{{ .Values.nats.auth.existingSecret }} edge accounts archive stt translation tts{{ if .Values.nats.embedded }} operator{{ if gt (int .Values.nats.replicas) 1 }} route{{ end }}{{ end }}
{{- end }}
{{- with .Values.archive.databaseSecret }}
{{ . }} database-url
{{- end }}
{{- range tuple .Values.nats.caSecret .Values.valkey.caSecret | uniq }}
{{- with . }}
{{ . }} ca.crt
{{- end }}
{{- end }}
{{- range tuple (ternary .Values.nats.tlsSecret "" .Values.nats.embedded) (ternary .Values.valkey.tlsSecret "" .Values.valkey.embedded) | uniq }}
{{- with . }}
{{ . }} tls.crt tls.key ca.crt
{{- end }}
{{- end }}
{{- range $name, $own := .Values.services }}
{{- range (mergeOverwrite (deepCopy $.Values.defaults) $own).secretSettings }}
{{ .name }} {{ .key }}
{{- end }}
{{- end }}
{{- end }}

{{- define "dragoman.natsSecret" -}}
{{ .Values.nats.auth.existingSecret | default (printf "%s-nats-users" (include "dragoman.name" .)) }}
{{- end }}

{{- define "dragoman.natsUrl" -}}
{{- if .Values.nats.embedded -}}
{{ ternary "tls" "nats" (ne (include "dragoman.natsTls" .) "") }}://{{ include "dragoman.name" . }}-nats:4222
{{- else -}}
{{ required "nats.url is needed when nats.embedded is false: the addresses of your NATS" .Values.nats.url }}
{{- end -}}
{{- end }}

{{- /* The Secret with the certificate of the embedded NATS; empty = it speaks without TLS. */}}
{{- define "dragoman.natsTls" -}}
{{- if .Values.nats.embedded -}}
{{ .Values.nats.tlsSecret | default (ternary (printf "%s-nats-tls" (include "dragoman.name" .)) "" .Values.tls.enabled) }}
{{- end -}}
{{- end }}

{{- define "dragoman.natsCa" -}}
{{ .Values.nats.caSecret | default (include "dragoman.natsTls" .) }}
{{- end }}

{{- /* The same of the embedded Valkey. */}}
{{- define "dragoman.valkeyTls" -}}
{{- if .Values.valkey.embedded -}}
{{ .Values.valkey.tlsSecret | default (ternary (printf "%s-valkey-tls" (include "dragoman.name" .)) "" .Values.tls.enabled) }}
{{- end -}}
{{- end }}

{{- define "dragoman.valkeyCa" -}}
{{ .Values.valkey.caSecret | default (include "dragoman.valkeyTls" .) }}
{{- end }}

{{- define "dragoman.natsReplicas" -}}
{{ ternary .Values.nats.replicas .Values.nats.streamReplicas .Values.nats.embedded }}
{{- end }}

{{- define "dragoman.podSecurity" -}}
runAsNonRoot: true
{{- range $name := tuple "runAsUser" "runAsGroup" "fsGroup" }}
{{- with index $.Values.podSecurity $name }}
{{ $name }}: {{ int . }}
{{- end }}
{{- end }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "dragoman.containerSecurity" -}}
runAsNonRoot: true
{{- with .Values.podSecurity.runAsUser }}
runAsUser: {{ int . }}
{{- end }}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- /* Whether pods have IPv6 addresses; then servers listen on both families. */}}
{{- define "dragoman.ipv6" -}}
{{- if or (has "IPv6" .Values.network.ipFamilies) (has .Values.network.ipFamilyPolicy (list "PreferDualStack" "RequireDualStack")) -}}
yes
{{- end }}
{{- end }}

{{- /* Of the spec of a Service. */}}
{{- define "dragoman.ipFamilies" -}}
{{- with .Values.network.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.network.ipFamilies }}
ipFamilies: {{ toJson . }}
{{- end }}
{{- end }}

{{- /* The address at which clients reach the edge; empty = that of their request. */}}
{{- define "dragoman.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if .Values.ingress.enabled -}}
{{ ternary "https" "http" (gt (len .Values.ingress.tls) 0) }}://{{ .Values.ingress.host }}
{{- else if and .Values.gateway.enabled .Values.gateway.hostnames -}}
https://{{ first .Values.gateway.hostnames }}
{{- end }}
{{- end }}

{{- /* Settings of what fetches models. */}}
{{- define "dragoman.modelSources" -}}
- {name: DRAGOMAN_MODELS_MIRROR, value: {{ .Values.models.mirror | quote }}}
- {name: DRAGOMAN_MODELS_ACCEPT_LICENCES, value: {{ .Values.models.acceptLicences | quote }}}
- {name: DRAGOMAN_MODELS_TRUST_FIRST_PULL, value: {{ .Values.models.trustFirstPull | quote }}}
{{- end }}

{{- /* The port of the mirror's address. */}}
{{- define "dragoman.mirrorPort" -}}
{{- $url := .Values.models.mirror -}}
{{- regexReplaceAll "^[a-z0-9]+://[^/:]+:?([0-9]*).*$" $url "${1}" | default (ternary "80" "443" (hasPrefix "http://" $url)) -}}
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
{{- if ne (eq .Values.models.volume "claim") (ne .Values.models.claimName "") }}
{{- fail "models.volume claim and models.claimName belong together: set both, or neither" }}
{{- end }}
{{- if and (gt (int .Values.services.archive.replicas) 1) (not .Values.archive.databaseSecret) }}
{{- fail "services.archive.replicas: SQLite is one pod's; name a Secret with the address of PostgreSQL in archive.databaseSecret" }}
{{- end }}
{{- if and .Values.archive.databaseSecret (not .Values.archive.audio.url) }}
{{- fail "archive.audio.url: with PostgreSQL the archive has no volume; name a bucket for recordings, or file:///FOLDER of a volume in services.archive.volumes" }}
{{- end }}
{{- range $name := tuple "edge" "accounts" "archive" }}
{{- if (index $.Values.services $name).models }}
{{- fail (printf "services.%s.models: only stt, translation and tts load models" $name) }}
{{- end }}
{{- end }}
{{- if and .Values.monitoring.podMonitor .Values.monitoring.serviceMonitor }}
{{- fail "monitoring.podMonitor and monitoring.serviceMonitor would count everything twice: choose one" }}
{{- end }}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) }}
{{- fail "gateway.enabled needs gateway.parentRefs: your Gateway" }}
{{- end }}
{{- end }}

{{- /* (list $root (dict "command" [...] "claim" name)): a pod of the dragoman command with every login of the release. */}}
{{- define "dragoman.toolPod" -}}
{{- $root := index . 0 }}{{ $what := index . 1 }}
{{- $prefix := include "dragoman.name" $root }}
{{- $ca := include "dragoman.natsCa" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- include "dragoman.podSecurity" $root | nindent 2 }}
{{- with include "dragoman.pullSecrets" $root }}{{ . | nindent 0 }}{{ end }}
{{- with include "dragoman.placement" $root.Values.tools }}{{ . | nindent 0 }}{{ end }}
containers:
  - name: dragoman
    image: {{ include "dragoman.image" (list $root $root.Values.test.image true) | quote }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    command: {{ toJson $what.command }}
    securityContext: {{- include "dragoman.containerSecurity" $root | nindent 6 }}
    terminationMessagePolicy: FallbackToLogsOnError
    env:
      - {name: DRAGOMAN_URL, value: "http://{{ $prefix }}-edge:{{ $root.Values.service.port }}"}
      - {name: DRAGOMAN_KEY, valueFrom: {secretKeyRef: {name: {{ include "dragoman.secret" $root }}, key: bootstrap-key, optional: true}}}
      - {name: DRAGOMAN_ADMIN_URL, value: "http://{{ $prefix }}-accounts:8080"}
      - {name: DRAGOMAN_ADMIN_TOKEN, valueFrom: {secretKeyRef: {name: {{ include "dragoman.secret" $root }}, key: admin-token}}}
      {{- if and $root.Values.nats.auth.enabled $root.Values.nats.embedded }}
      - {name: NATS_OPERATOR, valueFrom: {secretKeyRef: {name: {{ include "dragoman.natsSecret" $root }}, key: operator}}}
      - {name: DRAGOMAN_NATS_URL, value: {{ include "dragoman.natsUrl" $root | replace "://" "://operator:$(NATS_OPERATOR)@" | quote }}}
      {{- else if $root.Values.tools.natsUrlSecret }}
      - {name: DRAGOMAN_NATS_URL, valueFrom: {secretKeyRef: {name: {{ $root.Values.tools.natsUrlSecret }}, key: nats-url}}}
      {{- else if not $root.Values.nats.auth.enabled }}
      - {name: DRAGOMAN_NATS_URL, value: {{ include "dragoman.natsUrl" $root | quote }}}
      {{- end }}
      {{- if $ca }}
      - {name: DRAGOMAN_NATS_CA_FILE, value: /etc/dragoman/nats/ca.crt}
      {{- end }}
    resources: {{- toYaml $root.Values.tools.resources | nindent 6 }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
      {{- if $ca }}
      - {name: nats-ca, mountPath: /etc/dragoman/nats, readOnly: true}
      {{- end }}
      {{- if $what.claim }}
      - {name: backup, mountPath: /backup}
      {{- end }}
volumes:
  - {name: tmp, emptyDir: {sizeLimit: 1Gi}}
  {{- if $ca }}
  - {name: nats-ca, secret: {secretName: {{ $ca }}, items: [{key: ca.crt, path: ca.crt}]}}
  {{- end }}
  {{- if $what.claim }}
  - {name: backup, persistentVolumeClaim: {claimName: {{ $what.claim }}}}
  {{- end }}
{{- end }}
