#!/usr/bin/env bash
# Makes the migrations of both databases from the model. Before the first release there is one initial migration, made anew;
# afterwards: src/migrations.sh NAME adds one to each.
set -euo pipefail
cd "$(dirname "$0")/KitaPortal"
name=${1:-Initial}
stamp=20261125000000
dotnet tool restore >/dev/null
if [ "$name" = Initial ]; then rm -rf Data/Migrations KitaPortal; fi
dotnet build -v q --nologo
for provider in Sqlite Postgres; do
  dotnet ef migrations add "$name" --no-build --context "${provider}PortalDb" --output-dir "Data/Migrations/$provider" --namespace "KitaPortal.Data.Migrations.$provider" >/dev/null
  if [ "$name" = Initial ]; then
    old=$(basename "$(ls Data/Migrations/$provider/*_Initial.cs)" _Initial.cs)
    sed -i "s/${old}_Initial/${stamp}_Initial/" "Data/Migrations/$provider/${old}_Initial.Designer.cs"
    mv "Data/Migrations/$provider/${old}_Initial.cs" "Data/Migrations/$provider/${stamp}_Initial.cs"
    mv "Data/Migrations/$provider/${old}_Initial.Designer.cs" "Data/Migrations/$provider/${stamp}_Initial.Designer.cs"
  fi
  # The tool puts the snapshot by its namespace, below a folder KitaPortal; it belongs beside its migrations.
  if [ -d "KitaPortal/Data/Migrations/$provider" ]; then mv "KitaPortal/Data/Migrations/$provider/"*.cs "Data/Migrations/$provider/"; fi
done
rm -rf KitaPortal
