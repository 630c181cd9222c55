{{- define "stalwart.dnsEgress" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
{{- end }}

{{- define "stalwart.everywhere" -}}
to:
  - ipBlock:
      cidr: 0.0.0.0/0
      except:
        - 169.254.0.0/16
  - ipBlock:
      cidr: ::/0
{{- end }}
