# Prints lines that hold several statements. Comments, strings and the heads of `for` do not count.
{
    line = $0
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    gsub(/'([^'\\]|\\.)*'/, "0", line)
    if (inside) {
        if (line !~ /\*\//) next
        sub(/^.*\*\//, "", line)
        inside = 0
    }
    while (match(line, /\/\*/)) {
        rest = substr(line, RSTART + 2)
        head = substr(line, 1, RSTART - 1)
        if (match(rest, /\*\//)) line = head " " substr(rest, RSTART + 2)
        else { line = head; inside = 1; break }
    }
    depth = count = 0
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (c == "(") depth++
        if (c == ")") depth--
        if (c == ";" && depth <= 0) {
            if (heads > 0) heads--
            else count++
        }
    }
    if (count > 1) print FILENAME ":" FNR ": " $0
}
