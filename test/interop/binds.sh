# Read by the shell that makes a namespace: $BINDS has lines "FROM TO", and TO is to show what is at FROM. A TO that the
# machine lacks is made in an overlay over its nearest parent, a single one for each parent, and never on the machine.
printf %s "$BINDS" | while read -r from to; do
  [ ! -e "$to" ] || continue
  parent=$(dirname "$to")
  while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
  if [ -d "$from" ]; then mkdir -p "$FOLDER/overlay$to"; else mkdir -p "$FOLDER/overlay$(dirname "$to")"; : >"$FOLDER/overlay$to"; fi
  echo "$parent" >>"$FOLDER/overlays"
done
if [ -e "$FOLDER/overlays" ]; then
  sort -u "$FOLDER/overlays" | while read -r parent; do
    mount -t overlay -o "lowerdir=$FOLDER/overlay$parent:$parent" overlay "$parent"
  done
fi
printf %s "$BINDS" | while read -r from to; do mount --bind "$from" "$to"; done
