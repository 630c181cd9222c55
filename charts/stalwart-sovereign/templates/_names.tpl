{{- define "stalwart.selector" -}}
app.kubernetes.io/name: stalwart
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "stalwart.labels" -}}
{{ include "stalwart.selector" . }}
{{ include "stalwart.origin" . }}
{{- end }}

{{- define "stalwart.probeSelector" -}}
app.kubernetes.io/name: stalwart-probe
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "stalwart.probeLabels" -}}
{{ include "stalwart.probeSelector" . }}
{{ include "stalwart.origin" . }}
{{- end }}

{{- define "stalwart.origin" -}}
app.kubernetes.io/part-of: catalyst
app.kubernetes.io/managed-by: {{ .Release.Service }}
catalyst.openova.io/blueprint: bp-stalwart-sovereign
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{- define "stalwart.mounts" -}}
- name: config
  mountPath: /etc/stalwart
  readOnly: true
- name: tls
  mountPath: /tls
  readOnly: true
- name: dkim
  mountPath: /dkim
  readOnly: true
{{- if .Values.secrets.relay }}
- name: relay
  mountPath: /relay
  readOnly: true
{{- end }}
- name: store
  mountPath: /var/lib/stalwart
- name: tmp
  mountPath: /tmp
{{- end }}
