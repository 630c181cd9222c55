{{- define "catalyst.labels" -}}
app.kubernetes.io/part-of: catalyst
app.kubernetes.io/managed-by: {{ .Release.Service }}
catalyst.openova.io/blueprint: bp-catalyst-platform
{{- end }}

{{- /* An image by repository and tag; a Sovereign without a tag is refused by name. Takes (list . "api"). */}}
{{- define "catalyst.image" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $image := index $root.Values.images $name }}
{{- printf "%s:%s" $image.repository (required (printf "images.%s.tag is required: the tag of %s to run" $name $image.repository) $image.tag) | quote }}
{{- end }}

{{- /* Host of a service. Takes (list . "console"). */}}
{{- define "catalyst.host" -}}
{{- $root := index . 0 }}
{{- $name := index . 1 }}
{{- $given := dig $name "host" "" $root.Values.ingress.hosts }}
{{- $given | default (printf "%s.%s" $name $root.Values.global.sovereignFQDN) }}
{{- end }}

{{- /* First of the given base64 values that holds something, decoded; an empty one counts as absent. */}}
{{- define "catalyst.first" -}}
{{- range . }}{{ if . }}{{ . | b64dec }}{{ break }}{{ end }}{{ end }}
{{- end }}
